package import IMSBytes

/// The host and port that a Via or a URI names. An IPv6 address keeps its brackets, as in the grammar.
package struct SentBy: Hashable, Sendable {
  package let host: Text
  package let port: UInt16?

  /// Equal for the same host and port in different spellings (RFC 3261 §18.1.2, §18.2.2): letters in
  /// either case, IPv6 literals by value, a missing port as `defaultPort`.
  package func fingerprint(defaultPort: UInt16 = 5060) -> Fingerprint {
    host.read { SentBy.fingerprint(host: $0, port: port ?? defaultPort) }
  }

  static func fingerprint(host: RawSpan, port: UInt16) -> Fingerprint {
    var result = Fingerprint.empty
    if host.byteCount > 0, host.u8(0) == 0x5b, let address = Text(host.array).ipv6 {
      result.combine(address.high)
      result.combine(address.low)
    } else {
      result = Fingerprint(lowercasing: host)
    }
    result.combine(UInt64(port))
    return result
  }
}

/// One Via element (RFC 3261 §20.42): a hop of the request.
package struct Via: Hashable, Sendable {
  package let raw: Text
  private let parts: SpanText.ViaParts
  private let marks: SpanText.ViaMarks

  /// Nil when the element is not `name/version/transport host[:port]`.
  package init?(_ element: Text) {
    let read: (SpanText.ViaParts, SpanText.ViaMarks)? = element.read { span in
      SpanText.via(span, 0..<span.byteCount).map { ($0, SpanText.viaMarks(span, $0.parameters.range)) }
    }
    guard let read else { return nil }
    raw = element
    (parts, marks) = read
  }

  package var protocolName: Text { raw.part(parts.name) }
  package var version: Text { raw.part(parts.version) }
  package var transport: Text { raw.part(parts.transport) }
  package var sentBy: SentBy { SentBy(host: raw.part(parts.host), port: parts.port) }
  package var parameters: Parameters { Parameters(raw.part(parts.parameters)) }

  package var branch: Text? { marks.branch.map { raw.part($0).unquoted } }
  package var received: Text? { marks.received.map { raw.part($0).unquoted } }
  /// Outer nil: no `rport`; inner nil: `rport` without a value, the request of RFC 3581.
  package var rport: Text?? { marks.rport.map { $0.map { raw.part($0) } } }

  /// Letter for letter the same protocol, transport, sent-by and branch.
  package func isSamePlace(as other: Via) -> Bool {
    guard parts.parameters.start == other.parts.parameters.start, let branch = marks.branch,
      let otherBranch = other.marks.branch
    else { return false }
    return raw.read { span in
      other.raw.read { otherSpan in
        let head = 0..<Int(parts.parameters.start)
        return span.extracting(head).isEqual(to: otherSpan.extracting(head))
          && span.extracting(branch.range).isEqual(to: otherSpan.extracting(otherBranch.range))
      }
    }
  }

  /// The same branch, over the same transport.
  package func hasSameBranch(as other: Via) -> Bool {
    raw.read { span in
      other.raw.read { otherSpan in
        func isSame(_ part: Part, _ otherPart: Part) -> Bool {
          span.extracting(part.range).isEqual(to: otherSpan.extracting(otherPart.range))
        }
        let (transport, otherTransport) = (parts.transport, other.parts.transport)
        guard transport.range.count == otherTransport.range.count,
          span.extracting(transport.range).spellsIgnoringCase(otherSpan.extracting(otherTransport.range))
        else { return false }
        guard let branch = marks.branch, let otherBranch = other.marks.branch else {
          return marks.branch == nil && other.marks.branch == nil
        }
        if isSame(branch, otherBranch) { return true }
        let isQuoted = span.spells("\"", at: Int(branch.start)) || otherSpan.spells("\"", at: Int(otherBranch.start))
        return isQuoted && self.branch == other.branch
      }
    }
  }

  /// Is it the other, letter for letter and in the same order, but for parameters of these names that either may have?
  package func isSame(as other: Via, besides free: [StaticString]) -> Bool {
    guard isSamePlace(as: other) else { return false }
    return raw.read { span in
      other.raw.read { otherSpan in
        var (at, otherAt) = (Int(parts.parameters.start), Int(other.parts.parameters.start))
        while true {
          let mine = Via.parameter(span, from: &at, besides: free)
          let its = Via.parameter(otherSpan, from: &otherAt, besides: free)
          guard let mine, let its else { return mine == nil && its == nil }
          guard span.extracting(mine).isEqual(to: otherSpan.extracting(its)) else { return false }
        }
      }
    }
  }

  private static func parameter(_ span: RawSpan, from at: inout Int, besides free: [StaticString]) -> Range<Int>? {
    while let piece = SpanText.piece(span, from: &at, to: span.byteCount, separator: 0x3b, brackets: false) {
      if !free.contains(where: { SpanText.value(of: $0, span, piece) != nil }) { return piece }
    }
    return nil
  }

  package var defaultPort: UInt16 { transport.isToken("TLS") ? 5061 : 5060 }
}

extension Fingerprint {
  /// Of the bytes with ASCII letters in lower case; allocates nothing for a text of ordinary length.
  package init(lowercasing bytes: RawSpan) {
    let count = bytes.byteCount
    self = withUnsafeTemporaryAllocation(byteCount: max(1, count), alignment: 1) { buffer in
      for index in 0..<count { buffer[index] = ASCII.lowercased(bytes.u8(index)) }
      return Fingerprint(of: RawSpan(_unsafeBytes: UnsafeRawBufferPointer(rebasing: buffer[..<count])))
    }
  }

  package init(lowercasing text: Text) { self = text.read { Fingerprint(lowercasing: $0) } }
}
