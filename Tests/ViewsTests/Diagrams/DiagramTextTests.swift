import Testing

@testable import IMSViews

/// Each syntax has one escaper, and what it lets through is drawn as it stands.
@Suite struct DiagramTextTests {
  static let hostile = [
    "z9hG4bK--abc--def", "__x__ //y// **z** ~~w~~", "<sip:user@ims.example;lr>", "a;b#c", "say \"hi\"", "end", "End",
    "wrap: x", "nowrap: x", "<script>alert(1)</script>", "[[https://example.org]]", "C:\\new\\table", "%%{init: {}}%%",
    "a => b", "*| /* // */", "\u{7}\u{1B}[31m", "größer → 日本", String(repeating: "x", count: 500), "' @enduml",
    "&lt;&#60;",
    "\u{202E}gpj.exe",
  ]

  @Test(arguments: hostile) func mermaidHasNoMarkOfItsOwn(_ text: String) {
    let escaped = DiagramText.mermaid(text)
    let bare = escaped.replacing(#/\#(\d+|lt|gt|quot|amp);/#, with: "")
    #expect(!bare.contains { "#;<>\"&%\\{}`$*_".contains($0) })
    #expect(escaped.lowercased() != "end" && !escaped.lowercased().hasPrefix("wrap:"))
  }

  @Test(arguments: hostile) func plantUMLHasNoMarkOfItsOwn(_ text: String) {
    let bare = DiagramText.plantUML(text).replacing(#/<U\+[0-9A-F]{4,}>/#, with: "")
    #expect(!bare.contains { "<~\\&\"%$`".contains($0) })
    for mark in ["**", "--", "//", "__", "[[", "''", "=>"] { #expect(!bare.contains(mark)) }
  }

  @Test(arguments: hostile) func mscgenKeepsItsQuotes(_ text: String) {
    let bare = DiagramText.mscgen(text).replacing("\\\\", with: "").replacing("\\\"", with: "")
    #expect(!bare.contains("\"") && !bare.contains("\\"))
  }

  @Test(arguments: hostile) func xmlIsText(_ text: String) {
    let bare = DiagramText.xml(text).replacing(##/&(amp|lt|gt|quot|#39);/##, with: "")
    #expect(!bare.contains { "<>&\"'".contains($0) })
  }

  @Test(arguments: hostile) func fdlKeepsItsQuotesAndRemarks(_ text: String) {
    let escaped = DiagramText.fdl(text)
    for mark in ["\"", "\\", "/*", "*/", "//", "*|", "|*"] { #expect(!escaped.contains(mark)) }
  }

  @Test(arguments: hostile) func noLabelBreaksItsLine(_ text: String) {
    let escapers = [
      DiagramText.mermaid, DiagramText.plantUML, DiagramText.mscgen, DiagramText.webSequence, DiagramText.fdl,
      DiagramText.xml,
    ]
    for escape in escapers {
      #expect(escape(text + "\r\n\u{2028}").unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x2028 })
    }
  }
}
