/// One resource record of a DNS answer.
package enum DNSRecord: Hashable, Sendable {
  case a(name: String, HostAddress, ttl: UInt32 = 3600)
  case aaaa(name: String, HostAddress, ttl: UInt32 = 3600)
  case srv(name: String, priority: UInt16, weight: UInt16, port: UInt16, target: String, ttl: UInt32 = 3600)
  case naptr(
    name: String, order: UInt16, preference: UInt16, flags: String, service: String, replacement: String,
    ttl: UInt32 = 3600)
  case cname(name: String, target: String, ttl: UInt32 = 3600)
}

/// A DNS query or answer (RFC 1035). Names are written out, except that an owner name equal to the question points to
/// it.
package struct DNSBuilder: Sendable {
  package static let typeA: UInt16 = 1
  package static let typeCNAME: UInt16 = 5
  package static let typeAAAA: UInt16 = 28
  package static let typeSRV: UInt16 = 33
  package static let typeNAPTR: UInt16 = 35

  package var identifier: UInt16
  package var isAnswer: Bool
  /// 0 NOERROR, 2 SERVFAIL, 3 NXDOMAIN, 5 REFUSED.
  package var responseCode: UInt8
  package var name: String
  package var type: UInt16
  package var answers: [DNSRecord]
  /// The answer did not fit: TC is set.
  package var isTruncated = false

  package static func query(_ name: String, type: UInt16, identifier: UInt16) -> DNSBuilder {
    DNSBuilder(identifier: identifier, isAnswer: false, responseCode: 0, name: name, type: type, answers: [])
  }

  package func answer(_ records: [DNSRecord], responseCode: UInt8 = 0) -> DNSBuilder {
    DNSBuilder(
      identifier: identifier, isAnswer: true, responseCode: responseCode, name: name, type: type, answers: records)
  }

  package var bytes: [UInt8] {
    var writer = ByteWriter()
    writer.u16(identifier)
    writer.u16((isAnswer ? 0x8180 : 0x0100) | (isTruncated ? 0x0200 : 0) | UInt16(responseCode))
    writer.u16(1)
    writer.u16(UInt16(answers.count))
    writer.u32(0)
    writer.raw(Self.labels(name))
    writer.u16(type)
    writer.u16(1)
    for answer in answers { write(answer, to: &writer) }
    return writer.bytes
  }

  /// As it stands in a TCP stream: behind its length.
  package var framed: [UInt8] {
    let message = bytes
    return [UInt8(message.count >> 8), UInt8(message.count & 255)] + message
  }

  private func write(_ record: DNSRecord, to writer: inout ByteWriter) {
    var data = ByteWriter()
    switch record {
    case .a(let owner, let address, let ttl):
      data.raw(address.bytes)
      head(owner, Self.typeA, ttl, to: &writer)
    case .aaaa(let owner, let address, let ttl):
      data.raw(address.bytes)
      head(owner, Self.typeAAAA, ttl, to: &writer)
    case .srv(let owner, let priority, let weight, let port, let target, let ttl):
      for value in [priority, weight, port] { data.u16(value) }
      data.raw(Self.labels(target))
      head(owner, Self.typeSRV, ttl, to: &writer)
    case .cname(let owner, let target, let ttl):
      data.raw(Self.labels(target))
      head(owner, Self.typeCNAME, ttl, to: &writer)
    case .naptr(let owner, let order, let preference, let flags, let service, let replacement, let ttl):
      data.u16(order)
      data.u16(preference)
      for text in [flags, service, ""] {
        data.u8(UInt8(text.utf8.count))
        data.raw(text.utf8)
      }
      data.raw(Self.labels(replacement))
      head(owner, Self.typeNAPTR, ttl, to: &writer)
    }
    writer.u16(UInt16(data.bytes.count))
    writer.raw(data.bytes)
  }

  private func head(_ owner: String, _ type: UInt16, _ ttl: UInt32, to writer: inout ByteWriter) {
    if owner == name { writer.u16(0xc00c) } else { writer.raw(Self.labels(owner)) }
    writer.u16(type)
    writer.u16(1)
    writer.u32(ttl)
  }

  /// A name as labels with their lengths, and the root.
  static func labels(_ name: String) -> [UInt8] {
    name.split(separator: ".").flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) } + [0]
  }
}
