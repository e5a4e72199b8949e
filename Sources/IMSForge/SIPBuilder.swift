/// A SIP message as a list of headers that is easily changed; `bytes` has CRLF line ends and the right Content-Length.
package struct SIPBuilder: Hashable, Sendable {
  package struct Header: Hashable, Sendable {
    package var name: String
    package var value: String

    package init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  package var startLine: String
  package var headers: [Header]
  package var body: String

  package init(startLine: String, headers: [Header] = [], body: String = "") {
    self.startLine = startLine
    self.headers = headers
    self.body = body
  }

  /// Lines ended by `\n`; an empty line divides the headers from the body.
  package init(_ text: String) {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    startLine = lines.first.map(String.init) ?? ""
    headers = []
    body = ""
    for (index, line) in lines.enumerated().dropFirst() {
      if line.isEmpty {
        body = lines[(index + 1)...].joined(separator: "\r\n")
        break
      }
      headers.append(Self.header(String(line)) ?? Header(String(line), ""))
    }
  }

  /// "Name: value", nil without a colon.
  package static func header(_ line: String) -> Header? {
    guard let colon = line.firstIndex(of: ":") else { return nil }
    return Header(trim(line[..<colon]), trim(line[line.index(after: colon)...]))
  }

  /// The first value, nil when the header is absent.
  package subscript(name: String) -> String? { headers.first { same($0.name, name) }?.value }

  package func values(_ name: String) -> [String] { headers.filter { same($0.name, name) }.map(\.value) }

  /// In place of the first one of that name, else at the end; the others go.
  package mutating func set(_ name: String, _ values: String...) { set(name, all: values) }

  package mutating func set(_ name: String, all values: [String]) {
    let place = headers.firstIndex { same($0.name, name) } ?? headers.count
    remove(name)
    headers.insert(contentsOf: values.map { Header(name, $0) }, at: min(place, headers.count))
  }

  package mutating func remove(_ name: String) { headers.removeAll { same($0.name, name) } }

  /// Before the first one of that name, else at the end.
  package mutating func push(_ name: String, _ value: String) {
    let place = headers.firstIndex { same($0.name, name) } ?? headers.count
    headers.insert(Header(name, value), at: place)
  }

  package mutating func pop(_ name: String) {
    if let place = headers.firstIndex(where: { same($0.name, name) }) { headers.remove(at: place) }
  }

  /// One parameter of the first header of that name: `value` as it stands behind the equals sign, quotes included; an
  /// empty value for a parameter without one; nil removes. Digest headers divide by commas, all others by semicolons.
  package mutating func setParameter(_ parameter: String, of name: String, to value: String?) {
    guard let place = headers.firstIndex(where: { same($0.name, name) }) else { return }
    let isDigest = name.lowercased().contains("auth")
    let text = headers[place].value
    let start = isDigest ? text.firstIndex(of: " ") ?? text.startIndex : text.startIndex
    let new = value.map { $0.isEmpty ? parameter : parameter + "=" + $0 }
    var parts = text[start...].split(separator: isDigest ? "," : ";", omittingEmptySubsequences: false).map(String.init)
    let found = parts.firstIndex { same(trim($0.prefix { $0 != "=" }), parameter) }
    if let found {
      let blank = String(parts[found].prefix { $0 == " " })
      if let new { parts[found] = blank + new } else { parts.remove(at: found) }
    } else if let new {
      parts.append((isDigest ? " " : "") + new)
    }
    let joined = parts.joined(separator: isDigest ? "," : ";")
    headers[place].value = text[..<start] + (isDigest && !joined.hasPrefix(" ") ? " " : "") + joined
  }

  package func replacing(_ name: String, with value: String) -> SIPBuilder {
    var copy = self
    copy.set(name, value)
    return copy
  }

  package func removing(_ name: String) -> SIPBuilder {
    var copy = self
    copy.remove(name)
    return copy
  }

  /// A Content-Length in `headers` stands as it is, so that a wrong one can be made; else it is counted and comes last.
  package var bytes: [UInt8] {
    var text = startLine + "\r\n"
    for header in headers { text += header.name + ": " + header.value + "\r\n" }
    if self["Content-Length"] == nil { text += "Content-Length: \(body.utf8.count)\r\n" }
    return Array((text + "\r\n" + body).utf8)
  }
}

private func same(_ left: String, _ right: String) -> Bool {
  left == right || left.utf8.count == right.utf8.count && left.lowercased() == right.lowercased()
}

/// Without blanks and line ends at both ends.
func trim(_ text: Substring) -> String {
  let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\t" || $0 == "\r" }
  var rest = text.drop(while: isBlank)
  while let last = rest.last, isBlank(last) { rest.removeLast() }
  return String(rest)
}
