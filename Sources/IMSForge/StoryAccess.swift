// GTP-C of a story: what the access network tells the UE before it registers.

extension Story {
  /// The tunnel endpoints of both ends, control and user plane.
  private static let tunnels: (client: (control: UInt32, user: UInt32), server: (control: UInt32, user: UInt32)) =
    ((0x1001, 0x1002), (0x2001, 0x2002))
  private static let procedureTypes: [String: UInt8] = ["Create PDP Context": 16, "Delete PDP Context": 20]

  /// An answer has the sequence number of the last request.
  mutating func access(_ arrow: Arrow, procedure: String) throws(StoryError) {
    guard let type = Self.procedureTypes[procedure] else { throw StoryError(reason: "unknown procedure \(procedure)") }
    let isAnswer = arrow.from == .ggsn
    if !isAnswer { procedures += 1 }
    let isCreate = type == 16
    var message = GTPBuilder(
      version: 1, type: isAnswer ? type + 1 : type,
      teid: isAnswer ? Self.tunnels.client.control : isCreate ? 0 : Self.tunnels.server.control, sequence: procedures)
    if isAnswer { message.cause(128) }
    if isCreate, isAnswer {
      message.tunnel(control: Self.tunnels.server.control, user: Self.tunnels.server.user)
      message.address(try addresses("UE", arrow, [cast.address(.ue).host]).first)
      let offered = try addresses("P-CSCF", arrow, [cast.address(.pcscf).host])
      message.pco(offered.map { ($0.isIPv4 ? 0x000c : 0x0001, $0.bytes) })
    } else if isCreate {
      message.imsi(Self.value("IMSI", arrow, "001010000000001") ?? "")
      message.tunnel(control: Self.tunnels.client.control, user: Self.tunnels.client.user)
      message.address(nil)
      message.apn("ims.\(cast.visited)")
      message.pco(Self.value("P-CSCF", arrow, "asked") == nil ? [] : [(0x000c, [])])
    }
    send(message.bytes, arrow, from: cast.address(arrow.from), to: cast.address(arrow.to), .udp)
  }

  /// What the author gives; nil where it is taken away.
  private static func value(_ name: String, _ arrow: Arrow, _ standard: String) -> String? {
    guard let given = arrow.overrides.last(where: { $0.name == name }) else { return standard }
    return given.value
  }

  private func addresses(
    _ name: String, _ arrow: Arrow, _ standard: [HostAddress]
  ) throws(StoryError) -> [HostAddress] {
    guard let given = arrow.overrides.last(where: { $0.name == name }) else { return standard }
    var addresses: [HostAddress] = []
    for word in (given.value ?? "").split(separator: ",") {
      guard let address = HostAddress(parsing: trim(word)) else { throw StoryError(reason: "no address: \(word)") }
      addresses.append(address)
    }
    return addresses
  }
}
