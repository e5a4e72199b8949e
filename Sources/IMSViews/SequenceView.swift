package import IMSFlows
import IMSRules

/// The documented sequence itself: its variants, and what each asks for.
package enum SequenceView {
  /// A line a variant: identifier, name, clause, title.
  package static func list(_ variants: [Variant] = Variant.all) -> String {
    let rows = variants.map { [$0.id.rawValue, $0.name, $0.clauseText, $0.title] }
    let widths = (0..<3).map { column in rows.map { Cells.width($0[column]) }.max() ?? 0 }
    return rows.map { row in
      zip(row, widths).map { Layout.left($0, $1) }.joined(separator: "  ") + "  \(row[3])\n"
    }.joined()
  }

  /// "TS 24.229 §5.1.1.4".
  package static func clauses(_ variant: Variant) -> String { variant.clauseText }
  package static func clauses(_ step: Step) -> String { Clause.text(of: step.clause) }

  /// Its name, how it is told, and its ladder.
  package static func text(_ variant: Variant, _ options: LadderLayout.Options, page: Int? = nil, style: Style)
    -> String
  {
    let head =
      Layout.wrapped(style.text("\(variant.id.rawValue) \(variant.name): \(variant.title)"), style.width)
      + Layout.wrapped(style.text("\(variant.clauseText). Told by \(variant.signature)."), style.width)
    let drawing = DiagramView(.text, page: page).documented(options, of: variant, style: style)
    return head.joined(separator: "\n") + "\n\n" + drawing
  }

  /// An array of all variants with their steps, or of the one that is named.
  package static func json(_ variants: [Variant] = Variant.all) -> String {
    let lines = variants.map { variant in
      var json = JSONWriter()
      json.object(variant.writeFields)
      return json.text
    }
    return "[\n\(lines.joined(separator: ",\n"))\n]\n"
  }
}

extension Variant {
  var clauseText: String { Clause.text(of: clause) }

  fileprivate func writeFields(_ json: inout JSONWriter) {
    json.field("id", id.rawValue)
    json.field("name", name)
    json.field("title", title)
    json.field("clauses", Clause.list(clause)) { json, clause in json.object(clause.writeFields) }
    json.field("signature", signature)
    json.field("passes", passes) { json, pass in
      json.object { json in
        json.field("title", pass.title)
        json.field("steps", pass.steps) { json, step in json.object(step.writeFields) }
      }
    }
  }
}

extension Step {
  fileprivate func writeFields(_ json: inout JSONWriter) {
    json.field("step", id)
    json.field("hop", hop.rawValue)
    json.field("from", from.rawValue)
    json.field("to", to.rawValue)
    json.field("label", label)
    if !detail.isEmpty { json.field("detail", detail) }
    json.field("presence", presence.rawValue)
    if !clause.isEmpty {
      json.field("clauses", Clause.list(clause)) { json, clause in json.object(clause.writeFields) }
    }
  }
}

extension Clause {
  /// As a table of the sequence writes them: "TS 24.229 5.2.2.1, 5.10.2.1, TS 33.203 annex N".
  static func list(_ text: String) -> [Clause] {
    var clauses: [Clause] = []
    for part in text.split(separator: ", ") {
      let words = part.split(separator: " ", maxSplits: 2).map(String.init)
      if words.count == 3, ["TS", "RFC", "TR"].contains(words[0]) {
        clauses.append(Clause("\(words[0]) \(words[1])", words[2]))
      } else {
        clauses.append(Clause(clauses.last?.spec ?? "", String(part)))
      }
    }
    return clauses
  }

  /// "TS 24.229 §5.2.2.1, §5.10.2.1, TS 33.203 annex N"; empty for none.
  static func text(of text: String) -> String {
    let clauses = list(text)
    return clauses.enumerated().map { number, clause in
      let place = clause.clause.first?.isLowercase == true ? clause.clause : "§\(clause.clause)"
      return number > 0 && clauses[number - 1].spec == clause.spec ? place : "\(clause.spec) \(place)"
    }.joined(separator: ", ")
  }
}
