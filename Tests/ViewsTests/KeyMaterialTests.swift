import Foundation
import IMSAnalysis
import IMSBytes
import IMSDiameter
import IMSMessages
import IMSSIP
import IMSRules
import IMSSecrets
import IMSViews
import TestSupport
import Testing

/// CK, IK, XRES and HA1 are in the captures and in no view of them.
@Suite struct KeyMaterialTests {
  @Test(arguments: Captures.all) func noViewShowsAKey(_ file: URL) throws {
    let keys = try secrets(in: file)
    let views = try [
      Captures.summary(file), Captures.ladders(file), Captures.json(file, .json), Captures.dump(file),
    ]
    let others = CodeHostTests.renderAll(
      [
        SARIFView(profile: .strict, version: "0"), JUnitView(failOn: .info), AnnotationView(),
        MarkdownView(profile: .strict),
      ], try Files.bytes(file)
    ).texts
    for (number, view) in (views + others).enumerated() {
      let lowered = view.lowercased()
      #expect(keys.filter { lowered.contains($0) } == [], "view \(number)")
    }
  }

  @Test func theCapturesHoldKeysAndRevealingShowsThem() throws {
    let file = Captures.samples[0]
    let keys = try secrets(in: file)
    #expect(keys.count >= 3)
    let dump = try Captures.dump(file, revealKeys: true).lowercased()
    #expect(keys.filter { !dump.contains($0) } == [])
  }

  /// Nor what the subscriber's key makes: the digits of K and OP, RES, CK, IK, AK, and SQN, which tells AK.
  @Test(arguments: ["465b5ce8b199b49faa5f0a2ee238a6bc", "465b5ce8b199b49faa5f0a2ee238a6bd"])
  func noViewShowsWhatTheSubscribersKeyMakes(_ k: String) throws {
    let op = "cdc202d5123e20f62b6d676ac72cb318"
    let file = Files.samples.appending(path: "seed-registration.pcap")
    var options = Options()
    try options.subscriberKeys.read("* \(k)", as: .ki)
    try options.subscriberKeys.read("* \(op)", as: .op)
    let made = [
      "cd63cb71954a9f4e48a5994e37a02baf", "a54211d5e3ba50bf", "b40ba9a3c58b2a05bbf0d987b21bf8cb",
      "f769bcd751044604127672711c6d3441", "aa689c648370", "ff9bb4d0b607",
    ]
    let keys = [k, op] + made + (try secrets(in: file))
    let views = try [Captures.summary(file, options: options), Captures.json(file, .json, options: options)]
    let others = CodeHostTests.renderAll(
      [
        SARIFView(profile: .strict, version: "0"), JUnitView(failOn: .info), AnnotationView(),
        MarkdownView(profile: .strict),
      ], try Files.bytes(file), options: options
    ).texts
    #expect(views.allSatisfy { $0.contains("proof") })
    for (number, view) in (views + others).enumerated() {
      let lowered = view.lowercased()
      #expect(keys.filter { lowered.contains($0) } == [], "view \(number)")
    }
    let revealed = try Captures.summary(file, options: options, revealKeys: true)
    #expect(revealed.contains("; SQN ff9bb4d0b607") == (k.hasSuffix("c")))
    #expect(!revealed.contains(k) && !revealed.contains(op))
  }

  /// Every key on the wire as the hexadecimal text a view could show.
  private func secrets(in file: URL) throws -> Set<String> {
    let bytes = [UInt8](try Data(contentsOf: file))
    var secrets = Set<String>()
    for message in MessageLister().collect([.file(BlockFile(bytes: bytes))]).messages {
      for digest in (message.sip?.wwwAuthenticate ?? []) + (message.sip?.authorization ?? []) {
        for key in [digest.ck, digest.ik].compactMap(\.self) { secrets.insert(key.lowercased.string) }
      }
      for item in message.diameter?.authDataItems ?? [] {
        for avp in item.children {
          if [625, 626].contains(avp.code) || (avp.code == 610 && message.diameter?.isRequest == false) {
            secrets.insert(Hex.encode(avp.data.bytes))
          }
          for nested in avp.children where nested.code == 121 { secrets.insert(nested.data.string.lowercased()) }
        }
      }
    }
    return secrets.filter { $0.count >= 8 }
  }
}
