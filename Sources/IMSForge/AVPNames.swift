internal import IMSBytes

/// The AVPs that a recipe or a text ladder can name, with their coding (TS 29.229 §6.3, RFC 6733 §4.5).
struct AVPName {
  enum Kind { case text, number, octets, group }

  let name: String
  let code: UInt32
  let vendor: UInt32
  let mandatory: Bool
  let kind: Kind

  init(_ name: String, _ code: UInt32, _ kind: Kind, vendor: UInt32 = 0, mandatory: Bool = true) {
    self.name = name
    self.code = code
    self.kind = kind
    self.vendor = vendor
    self.mandatory = mandatory
  }

  private static func cx(_ name: String, _ code: UInt32, _ kind: Kind, mandatory: Bool = true) -> AVPName {
    AVPName(name, code, kind, vendor: AVPBuilder.vendor3GPP, mandatory: mandatory)
  }

  static let byName = Dictionary(uniqueKeysWithValues: table.map { ($0.name.lowercased(), $0) })

  static func of(_ avp: AVPBuilder) -> AVPName? { byCode[UInt64(avp.vendor) << 32 | UInt64(avp.code)] }

  private static let byCode = Dictionary(
    uniqueKeysWithValues: table.map { (UInt64($0.vendor) << 32 | UInt64($0.code), $0) })

  private static let table: [AVPName] = [
    AVPName("User-Name", 1, .text), AVPName("Framed-IP-Address", 8, .octets),
    AVPName("Digest-Realm", 104, .text), AVPName("Digest-QoP", 110, .text), AVPName("Digest-Algorithm", 111, .text),
    AVPName("Digest-HA1", 121, .text), AVPName("Auth-Application-Id", 258, .number),
    AVPName("Acct-Application-Id", 259, .number), AVPName("Vendor-Specific-Application-Id", 260, .group),
    AVPName("Session-Id", 263, .text), AVPName("Origin-Host", 264, .text), AVPName("Vendor-Id", 266, .number),
    AVPName("Result-Code", 268, .number), AVPName("Product-Name", 269, .text, mandatory: false),
    AVPName("Disconnect-Cause", 273, .number), AVPName("Auth-Session-State", 277, .number),
    AVPName("Origin-State-Id", 278, .number), AVPName("Failed-AVP", 279, .group),
    AVPName("Error-Message", 281, .text, mandatory: false), AVPName("Route-Record", 282, .text),
    AVPName("Destination-Realm", 283, .text), AVPName("Redirect-Host", 292, .text),
    AVPName("Destination-Host", 293, .text), AVPName("Error-Reporting-Host", 294, .text, mandatory: false),
    AVPName("Origin-Realm", 296, .text), AVPName("Experimental-Result", 297, .group),
    AVPName("Experimental-Result-Code", 298, .number),
    cx("Visited-Network-Identifier", 600, .octets), cx("Public-Identity", 601, .text), cx("Server-Name", 602, .text),
    cx("Server-Capabilities", 603, .group), cx("Mandatory-Capability", 604, .number),
    cx("Optional-Capability", 605, .number), cx("User-Data", 606, .octets), cx("SIP-Number-Auth-Items", 607, .number),
    cx("SIP-Authentication-Scheme", 608, .text), cx("SIP-Authenticate", 609, .octets),
    cx("SIP-Authorization", 610, .octets), cx("SIP-Authentication-Context", 611, .octets),
    cx("SIP-Auth-Data-Item", 612, .group), cx("SIP-Item-Number", 613, .number),
    cx("Server-Assignment-Type", 614, .number), cx("Deregistration-Reason", 615, .group),
    cx("Reason-Code", 616, .number), cx("Reason-Info", 617, .text), cx("Charging-Information", 618, .group),
    cx("Primary-Charging-Collection-Function-Name", 621, .text), cx("User-Authorization-Type", 623, .number),
    cx("User-Data-Already-Available", 624, .number), cx("Confidentiality-Key", 625, .octets),
    cx("Integrity-Key", 626, .octets), cx("Supported-Features", 628, .group, mandatory: false),
    cx("Feature-List-ID", 629, .number, mandatory: false), cx("Feature-List", 630, .number, mandatory: false),
    cx("Associated-Identities", 632, .group, mandatory: false), cx("Originating-Request", 633, .number),
    cx("SIP-Digest-Authenticate", 635, .group, mandatory: false), cx("UAR-Flags", 637, .number, mandatory: false),
    cx("Loose-Route-Indication", 638, .number, mandatory: false), cx("SAR-Flags", 655, .number, mandatory: false),
    cx("LIA-Flags", 653, .number, mandatory: false), cx("RTR-Flags", 659, .number, mandatory: false),
    cx("Multiple-Registration-Indication", 648, .number, mandatory: false),
    cx("Session-Priority", 650, .number, mandatory: false),
  ]

  // MARK: Making

  func make(_ data: [UInt8]) -> AVPBuilder {
    AVPBuilder(code, vendor: vendor, flags: (vendor == 0 ? 0 : 0x80) | (mandatory ? 0x40 : 0), data: data)
  }

  /// From the text of a ladder: numbers in decimal, octets as text or behind `0x` in hexadecimal, groups as
  /// `Name=value, Name=value`. Nil when the text does not fit.
  func make(parsing text: String) -> AVPBuilder? {
    if text.hasPrefix("0x") { return Hex.decode(String(text.dropFirst(2))).map(make) }
    switch kind {
    case .text, .octets: return make(Array(text.utf8))
    case .number: return UInt32(text).map { AVPBuilder(code, vendor: vendor, flags: make([]).flags, number: $0) }
    case .group:
      var data: [UInt8] = []
      for member in text.split(separator: ",") {
        let parts = member.split(separator: "=", maxSplits: 1)
        guard parts.count == 2, let name = Self.byName[trim(parts[0]).lowercased()],
          let avp = name.make(parsing: trim(parts[1]))
        else { return nil }
        data += avp.bytes
      }
      return make(data)
    }
  }
}

extension AVPBuilder {
  /// By dictionary name; a name that is not in the table is a mistake of the recipe.
  static func named(_ name: String, _ text: String) -> AVPBuilder { entry(name).make(Array(text.utf8)) }
  static func named(_ name: String, octets: [UInt8]) -> AVPBuilder { entry(name).make(octets) }
  static func named(_ name: String, group: [AVPBuilder]) -> AVPBuilder { entry(name).make(group.flatMap(\.bytes)) }

  static func named(_ name: String, _ number: UInt32) -> AVPBuilder {
    entry(name).make([UInt8(number >> 24), UInt8(number >> 16 & 255), UInt8(number >> 8 & 255), UInt8(number & 255)])
  }

  private static func entry(_ name: String) -> AVPName {
    // Only literals of the forge's own code come this way; an unknown name in a ladder is a `StoryError`.
    guard let entry = AVPName.byName[name.lowercased()] else { preconditionFailure("no AVP named \(name)") }
    return entry
  }

  /// The members of a grouped AVP, nil when `data` is no sequence of AVPs.
  var members: [AVPBuilder]? {
    var result: [AVPBuilder] = []
    var offset = 0
    while offset < data.count {
      guard offset + 8 <= data.count else { return nil }
      let number: (Int, Int) -> UInt32 = { start, length in
        data[offset + start..<offset + start + length].reduce(0) { $0 << 8 | UInt32($1) }
      }
      let flags = data[offset + 4]
      let length = Int(number(5, 3))
      let header = flags & 0x80 != 0 ? 12 : 8
      guard length >= header, offset + length <= data.count else { return nil }
      result.append(
        AVPBuilder(
          number(0, 4), vendor: header == 12 ? number(8, 4) : 0, flags: flags,
          data: Array(data[offset + header..<offset + length])))
      offset += (length + 3) / 4 * 4
    }
    return result
  }
}

extension DiameterBuilder {
  /// Every AVP of that name, also inside groups, in place; when there is none, new ones at the end.
  mutating func override(_ name: AVPName, with values: [AVPBuilder]) {
    guard !replace(name, with: values, in: &avps) else { return }
    avps += values
  }

  /// As above; when there is none, the new ones go into the first group named `parent`.
  mutating func override(_ name: AVPName, with values: [AVPBuilder], in parent: AVPName) {
    guard !replace(name, with: values, in: &avps) else { return }
    if let place = avps.firstIndex(where: { $0.code == parent.code && $0.vendor == parent.vendor }) {
      avps[place].data += values.flatMap(\.bytes)
    } else {
      avps.append(parent.make(values.flatMap(\.bytes)))
    }
  }

  mutating func removeAll(_ name: AVPName) { _ = replace(name, with: [], in: &avps) }

  private func replace(_ name: AVPName, with values: [AVPBuilder], in list: inout [AVPBuilder]) -> Bool {
    var found = false
    var result: [AVPBuilder] = []
    for var avp in list {
      if avp.code == name.code, avp.vendor == name.vendor {
        if !found { result += values }
        found = true
        continue
      }
      if AVPName.of(avp)?.kind == .group, var members = avp.members, replace(name, with: values, in: &members) {
        avp.data = members.flatMap(\.bytes)
        found = true
      }
      result.append(avp)
    }
    list = result
    return found
  }
}
