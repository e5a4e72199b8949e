import Foundation
import IMSSecrets
import TestSupport

/// One SIP or Diameter message as tshark sees it in one frame.
struct TsharkMessage {
  var key: SignallingKey
  var frame: UInt32
}

extension Tshark {
  /// Streams are put together, late segments too; both protocols are found on every port, and in ESP without encryption.
  private static let settings =
    [
      "tcp.desegment_tcp_streams", "tcp.reassemble_out_of_order", "esp.enable_null_encryption_decode_heuristic",
    ].flatMap { ["-o", "\($0):TRUE"] }
    + ["diameter_tcp", "sip_udp", "sip_tcp", "sip_sctp"].flatMap { ["--enable-heuristic", $0] }

  /// ESP with these keys; where there are none, only what is not encrypted.
  static func decryption(_ keys: [SecurityAssociation]) -> [String] {
    if keys.isEmpty { return [] }
    return ["-o", "esp.enable_encryption_decode:TRUE", "-o", "esp.enable_authentication_check:TRUE"]
      + AssociationLines.write(keys).split(separator: "\n").filter { !$0.hasPrefix("#") }
      .flatMap { ["-o", "uat:esp_sa:\($0)"] }
  }

  /// Every message of a capture, in order of frames. Lines that tshark counts to SIP because of the port alone, without
  /// a start line, are no messages.
  static func messages(in file: URL, keys: [SecurityAssociation] = []) throws -> [TsharkMessage] {
    let json = try run(
      file.path,
      settings + decryption(keys) + [
        "-Y", "sip || diameter", "-T", "json", "--no-duplicate-keys", "-J", "frame sip diameter",
      ])
    // Bytes that are no UTF-8 are passed on as they are.
    let text = Data(String(decoding: json, as: UTF8.self).utf8)
    return Tree(try JSONSerialization.jsonObject(with: text)).items.flatMap { item -> [TsharkMessage] in
      let layers = item["_source"]["layers"]
      let keys =
        layers["sip"].items.compactMap(SignallingKey.init(sip:))
        + layers["diameter"].items.compactMap(SignallingKey.init(diameter:))
      guard let frame = layers["frame"]["frame.number"].text.flatMap({ UInt32($0) }) else { return [] }
      return keys.map { TsharkMessage(key: $0, frame: frame) }
    }
  }
}

extension SignallingKey {
  fileprivate init?(sip: Tree) {
    let start = sip["sip.Request-Line_tree"]["sip.Method"].text ?? sip["sip.Status-Line_tree"]["sip.Status-Code"].text
    guard let start else { return nil }
    let headers = sip["sip.msg_hdr_tree"]
    self.init(
      start: start, cseq: headers["sip.CSeq"].text, callID: headers["sip.Call-ID"].text,
      branch: headers["sip.Via_tree"]["sip.Via.branch"].text)
  }

  fileprivate init?(diameter: Tree) {
    func number(_ name: String) -> UInt32? {
      diameter[name].text.flatMap { $0.hasPrefix("0x") ? UInt32($0.dropFirst(2), radix: 16) : UInt32($0) }
    }
    guard let command = number("diameter.cmd.code"), let flags = number("diameter.flags"),
      let hopByHop = number("diameter.hopbyhopid"), let endToEnd = number("diameter.endtoendid")
    else { return nil }
    self.init(command: command, isRequest: flags & 0x80 != 0, hopByHop: hopByHop, endToEnd: endToEnd)
  }
}

/// JSON in which something that occurs once stands alone, and as a list when it occurs more often.
private struct Tree {
  private var value: Any?

  init(_ value: Any?) { self.value = value }

  var items: [Tree] { (value as? [Any])?.map { Tree($0) } ?? (value == nil ? [] : [self]) }
  /// Of the first occurrence.
  var text: String? { items.first?.value as? String }

  /// Of the first occurrence.
  subscript(_ name: String) -> Tree { Tree((items.first?.value as? [String: Any])?[name]) }
}
