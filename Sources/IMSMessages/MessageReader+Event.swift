package import IMSWire

extension MessageReader {
  /// What the reader met, counted once per message.
  package struct Counts: Sendable, Equatable {
    package var sip = 0
    package var diameter = 0
    package var dns = 0
    /// GTP-C of both versions.
    package var gtp = 0
    /// DHCPv4 and DHCPv6.
    package var dhcp = 0
    /// ICMP errors that quote packets of known endpoints, their TCP resets and SCTP aborts.
    package var events = 0
    /// Further sightings of one packet.
    package var copies = 0
    package var retransmissions = 0

    package init() {}
  }

  package enum Event: Sendable {
    case message(Message)
    /// A further sighting of a message that was given before, by its id and the route its receiver answered then.
    case sighting(MessageID, route: UInt64, transmission: Int, Sighting, source: Endpoint, destination: Endpoint)
  }
}
