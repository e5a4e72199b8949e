import Foundation

/// Validates JSON against the part of JSON Schema 2020-12 that docs/schema uses.
struct SchemaValidator {
  let root: [String: Any]

  init(_ data: Data) throws {
    root = try JSONSerialization.jsonObject(with: data) as? [String: Any] ?? [:]
  }

  /// What is wrong, each with its place; empty when the value is valid. `pointer` names a definition of the schema.
  func faults(in value: Any, definition pointer: String? = nil) -> [String] {
    check(value, pointer.map { ["$ref": "#/$defs/\($0)"] } ?? root, "$")
  }

  private func check(_ value: Any, _ schema: [String: Any], _ place: String) -> [String] {
    var faults: [String] = []
    if let name = (schema["$ref"] as? String)?.split(separator: "/").last {
      let definitions = root["$defs"] as? [String: [String: Any]]
      guard let target = definitions?[String(name)] else { return ["\(place): no definition \(name)"] }
      faults += check(value, target, place)
    }
    if let type = schema["type"] as? String, !SchemaValidator.value(value, is: type) {
      faults.append("\(place): no \(type)")
    }
    if let allowed = schema["enum"] as? [String], !allowed.contains(value as? String ?? "") {
      faults.append("\(place): \(value) is none of \(allowed)")
    }
    if let constant = schema["const"], "\(constant)" != "\(value)" {
      faults.append("\(place): \(value) is not \(constant)")
    }
    faults += checkText(value, schema, place) + checkNumber(value, schema, place)
    faults += checkObject(value, schema, place) + checkCombinations(value, schema, place)
    if let least = schema["minItems"] as? Int, let array = value as? [Any], array.count < least {
      faults.append("\(place): fewer than \(least) items")
    }
    if schema["uniqueItems"] as? Bool == true, let array = value as? [NSObject], Set(array).count < array.count {
      faults.append("\(place): an item twice")
    }
    if let items = schema["items"] as? [String: Any], let array = value as? [Any] {
      for (index, item) in array.enumerated() { faults += check(item, items, "\(place)[\(index)]") }
    }
    return faults
  }

  private static func value(_ value: Any, is type: String) -> Bool {
    switch type {
    case "object": value is [String: Any]
    case "array": value is [Any]
    case "string": value is String
    case "boolean": value is Bool
    case "integer": (value as? Double).map { $0 == $0.rounded() } ?? (value is Int)
    case "number": value is Double || value is Int
    default: false
    }
  }

  private func checkText(_ value: Any, _ schema: [String: Any], _ place: String) -> [String] {
    guard let text = value as? String else { return [] }
    if let least = schema["minLength"] as? Int, text.count < least { return ["\(place): too short"] }
    if let pattern = schema["pattern"] as? String, text.range(of: pattern, options: .regularExpression) == nil {
      return ["\(place): '\(text)' does not match \(pattern)"]
    }
    return []
  }

  private func checkNumber(_ value: Any, _ schema: [String: Any], _ place: String) -> [String] {
    guard let number = (value as? Double) ?? (value as? Int).map(Double.init) else { return [] }
    if let least = schema["minimum"] as? Double ?? (schema["minimum"] as? Int).map(Double.init), number < least {
      return ["\(place): \(number) is below \(least)"]
    }
    if let most = schema["maximum"] as? Double ?? (schema["maximum"] as? Int).map(Double.init), number > most {
      return ["\(place): \(number) is above \(most)"]
    }
    return []
  }

  private func checkObject(_ value: Any, _ schema: [String: Any], _ place: String) -> [String] {
    guard let object = value as? [String: Any] else { return [] }
    var faults = (schema["required"] as? [String] ?? []).filter { object[$0] == nil }.map { "\(place): no \($0)" }
    let properties = schema["properties"] as? [String: [String: Any]] ?? [:]
    for (key, entry) in object {
      if let property = properties[key] {
        faults += check(entry, property, "\(place).\(key)")
      } else if let others = schema["additionalProperties"] as? [String: Any] {
        faults += check(entry, others, "\(place).\(key)")
      } else if schema["additionalProperties"] as? Bool == false {
        faults.append("\(place): no property is named \(key)")
      }
    }
    return faults
  }

  private func checkCombinations(_ value: Any, _ schema: [String: Any], _ place: String) -> [String] {
    var faults = (schema["allOf"] as? [[String: Any]] ?? []).flatMap { check(value, $0, place) }
    if let choices = schema["oneOf"] as? [[String: Any]] {
      let fitting = choices.filter { check(value, $0, place).isEmpty }.count
      if fitting != 1 { faults.append("\(place): fits \(fitting) of \(choices.count) forms") }
    }
    return faults
  }
}
