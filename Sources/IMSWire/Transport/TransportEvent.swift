import IMSBytes

/// What a packet says of others: that they did not arrive, or that their connection is over.
package struct TransportEvent: Hashable, Sendable, BitwiseCopyable {
  package enum Kind: Hashable, Sendable, BitwiseCopyable {
    /// An error of RFC 792 or RFC 4443 that quotes a packet.
    case icmp(type: UInt8, code: UInt8)
    case icmpv6(type: UInt8, code: UInt8)
    /// RST of TCP.
    case reset
    /// ABORT of SCTP with its first cause code (RFC 9260 §3.3.10), 0 when it tells none.
    case abort(cause: UInt16)
  }

  package var kind: Kind
  /// The packets it speaks of: from whom, to whom. Whoever resets or aborts speaks of those that it gets.
  package var source: Endpoint
  package var destination: Endpoint
  package var transport: Transport

  package init(_ kind: Kind, from source: Endpoint, to destination: Endpoint, _ transport: Transport) {
    self.kind = kind
    self.source = source
    self.destination = destination
    self.transport = transport
  }

  /// "ICMP", "TCP".
  package var protocolName: String {
    switch kind {
    case .icmp: "ICMP"
    case .icmpv6: "ICMPv6"
    case .reset: "TCP"
    case .abort: "SCTP"
    }
  }

  /// Of IP.
  var protocolNumber: UInt8 {
    switch kind {
    case .icmp: 1
    case .icmpv6: 58
    case .reset: 6
    case .abort: 132
    }
  }

  /// "ICMP port unreachable", "TCP reset", "SCTP abort (user-initiated abort)".
  package var name: String {
    switch kind {
    case .icmp(let type, let code): "ICMP " + ICMP.name(type, code)
    case .icmpv6(let type, let code): "ICMPv6 " + ICMP.nameV6(type, code)
    case .reset: "TCP reset"
    case .abort(let cause): "SCTP abort" + (cause == 0 ? "" : " (\(SCTP.causes[cause] ?? "cause \(cause)"))")
    }
  }

  /// Tells two events apart, within one pair of endpoints.
  package var code: UInt64 {
    switch kind {
    case .icmp(let type, let code): 1 << 16 | UInt64(type) << 8 | UInt64(code)
    case .icmpv6(let type, let code): 2 << 16 | UInt64(type) << 8 | UInt64(code)
    case .reset: 3 << 16
    case .abort(let cause): 4 << 16 | UInt64(cause)
    }
  }
}
