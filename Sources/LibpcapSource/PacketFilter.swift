import CLibpcap
import IMSBytes
package import IMSCapture
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Why an expression is no filter.
package struct FilterError: Error, Hashable, Sendable, CustomStringConvertible {
  package var expression: String
  /// In libpcap's words.
  package var reason: String

  package init(expression: String, reason: String) {
    self.expression = expression
    self.reason = reason
  }

  package var description: String { "bad filter '\(expression)': \(reason)" }
}

/// A filter in libpcap's language, as tcpdump takes it (pcap-filter(7)), compiled for each link type that is met.
///
/// It sees packets, not messages: of a datagram in fragments, only the first has ports.
package final class PacketFilter: Sendable {
  package let expression: String
  private let programs: Mutex<[Layout: Result<Program, FilterError>]>

  /// Refuses what compiles for none of the link types that can be taken apart: it is no expression, or one for packets
  /// in which nothing could be found.
  package init(_ expression: String) throws(FilterError) {
    self.expression = expression
    if expression.utf8.contains(0) {
      throw FilterError(expression: expression, reason: "it contains a NUL")
    }
    var refusal: FilterError?
    for layout in LinkType.known.map({ Layout($0) }) {
      switch Program.compile(expression, layout) {
      case .success(let program):
        programs = Mutex([layout: .success(program)])
        return
      case .failure(let error): refusal = refusal ?? error
      }
    }
    throw refusal ?? FilterError(expression: expression, reason: "unknown")
  }

  package func answer(_ bytes: RawSpan, originalLength: UInt32, linkType: LinkType) -> FilterAnswer {
    let layout = Layout(linkType, bytes)
    switch program(for: layout) {
    case .success(let program):
      guard let family = layout.familyForLibpcap(bytes) else {
        return program.matches(bytes, originalLength) ? .pass : .drop
      }
      var respelled = bytes.array
      respelled.replaceSubrange(0..<family.count, with: family)
      return program.matches(respelled.span.bytes, originalLength) ? .pass : .drop
    case .failure(let error): return .refuse(error.reason)
    }
  }

  private func program(for layout: Layout) -> Result<Program, FilterError> {
    programs.withLock { programs in
      if let known = programs[layout] { return known }
      var compiled = Program.compile(expression, layout)
      // libpcap's optimizer calls an expression that passes no packet of this link type an error. Here it is an answer:
      // other packets may be of another link type.
      if case .failure = compiled, case .success(let program) = Program.compile(expression, layout, optimizes: false) {
        compiled = .success(program)
      }
      programs[layout] = compiled
      return compiled
    }
  }

  /// For `Options.filter`.
  package var frameFilter: FrameFilter {
    { linkType, bytes, originalLength in self.answer(bytes, originalLength: originalLength, linkType: linkType) }
  }
}

/// What a program depends on.
private struct Layout: Hashable {
  var linkType: LinkType
  /// Of the machine that captured: only LINKTYPE_NULL begins with a number in its byte order.
  var isBigEndian = false

  init(_ linkType: LinkType) { self.linkType = linkType }

  init(_ linkType: LinkType, _ bytes: RawSpan) {
    self.linkType = linkType
    if linkType == .null, bytes.byteCount >= 4 { isBigEndian = !LoopbackFamily.isLittleEndian(bytes.u32(0)) }
  }

  /// What libpcap must find before the packet instead of the family that stands there; nil where it can read that.
  ///
  /// Of a file, libpcap knows the numbers that the BSDs have for IPv6, not those of Linux and Windows, and it takes
  /// LINKTYPE_LOOP for network order whoever wrote it. Such frames can be taken apart, so the filter must see them too.
  func familyForLibpcap(_ bytes: RawSpan) -> [UInt8]? {
    guard [.null, .loop].contains(linkType), bytes.byteCount >= 4 else { return nil }
    let word = bytes.u32(0)
    guard let family = LoopbackFamily(word) else { return nil }
    let isSwapped = LoopbackFamily.isLittleEndian(word)
    let isInOrder = linkType == .null || !isSwapped
    if isInOrder, [2, 24, 28, 30].contains(isSwapped ? word.byteSwapped : word) { return nil }
    let number: UInt8 = family == .ipv4 ? 2 : 30
    return linkType == .null && isSwapped ? [number, 0, 0, 0] : [0, 0, 0, number]
  }

  /// The file header of a pcap capture (draft-ietf-opsawg-pcap, section 4) of such packets, without a packet.
  var emptyCapture: [UInt8] {
    let type: UInt32 = [.raw12, .raw14].contains(linkType) ? LinkType.raw.rawValue : linkType.rawValue
    let version: UInt32 = isBigEndian ? 2 << 16 | 4 : 4 << 16 | 2
    let words: [UInt32] = [0xa1b2_c3d4, version, 0, 0, 262_144, type]
    return words.flatMap { word in
      let ordered = (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * UInt32($0))) }
      return isBigEndian ? ordered.reversed() : ordered
    }
  }
}

/// One expression for one link type. Unchecked: nothing is written after `compile`.
private final class Program: @unchecked Sendable {
  private var code = bpf_program()

  private init() {}

  deinit { pcap_freecode(&code) }

  /// For packets of a file: of those that this machine itself captured (`pcap_open_dead`), libpcap would know the
  /// number of IPv6 in LINKTYPE_NULL, which differs by system; and it maps a file's link types to its own.
  static func compile(
    _ expression: String, _ layout: Layout, optimizes: Bool = true
  ) -> Result<Program, FilterError> {
    var text = [CChar](repeating: 0, count: Int(PCAP_ERRBUF_SIZE))
    var header = layout.emptyCapture
    return header.withUnsafeMutableBytes { header in
      guard let file = fmemopen(header.baseAddress, header.count, "rb") else {
        return .failure(FilterError(expression: expression, reason: "not enough memory"))
      }
      guard let handle = pcap_fopen_offline(file, &text) else {
        fclose(file)
        let reason = String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        return .failure(FilterError(expression: expression, reason: reason))
      }
      defer { pcap_close(handle) }
      let program = Program()
      guard pcap_compile(handle, &program.code, expression, optimizes ? 1 : 0, UInt32.max) == 0 else {
        let reason = pcap_geterr(handle).map { String(cString: $0) } ?? "unknown"
        return .failure(FilterError(expression: expression, reason: reason))
      }
      return .success(program)
    }
  }

  func matches(_ bytes: RawSpan, _ originalLength: UInt32) -> Bool {
    var header = pcap_pkthdr()
    header.caplen = UInt32(clamping: bytes.byteCount)
    header.len = originalLength
    return bytes.withUnsafeBytes { buffer in
      // An empty packet has no address, and libpcap wants one.
      var none: UInt8 = 0
      let start = buffer.bindMemory(to: UInt8.self).baseAddress
      return withUnsafePointer(to: &none) { pcap_offline_filter(&code, &header, start ?? $0) } != 0
    }
  }
}
