import Foundation
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// A page as a reader of XML has it, which is stricter than any browser: elements, attributes and text.
struct PageReader {
  struct Element {
    var name: String
    var attributes: [String: String]
  }

  private(set) var elements: [Element] = []
  private(set) var text = ""
  let isWellFormed: Bool

  init(_ page: String) {
    let parser = XMLParser(data: Data(page.utf8))
    var found: [Element] = []
    var said = ""
    let collector = Collector(element: { found.append($0) }, text: { said += $0 })
    parser.delegate = collector
    isWellFormed = parser.parse()
    (elements, text) = (found, said)
  }

  private final class Collector: NSObject, XMLParserDelegate {
    let element: (Element) -> Void
    let text: (String) -> Void

    init(element: @escaping (Element) -> Void, text: @escaping (String) -> Void) {
      (self.element, self.text) = (element, text)
    }

    func parser(
      _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
      attributes: [String: String]
    ) { element(Element(name: name, attributes: attributes)) }

    func parser(_ parser: XMLParser, foundCharacters string: String) { text(string) }
  }

  var ids: [String] { elements.compactMap { $0.attributes["id"] } }
  var links: [String] { elements.compactMap { $0.attributes["href"] } }
}
