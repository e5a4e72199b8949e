// The part of SARIF 2.1.0 that imstrace writes, named and nested as the standard has it.

struct SARIFLog: Codable, Equatable {
  var schema = "https://json.schemastore.org/sarif-2.1.0.json"
  var version = "2.1.0"
  var runs: [Run]

  enum CodingKeys: String, CodingKey {
    case schema = "$schema"
    case version, runs
  }

  struct Run: Codable, Equatable {
    var tool: Tool
    var invocations: [Invocation]
    var artifacts: [Artifact]
    var results: [Result]
    var columnKind = "unicodeCodePoints"
    var properties: [String: String]
  }

  struct Tool: Codable, Equatable { var driver: Driver }

  struct Driver: Codable, Equatable {
    var name = "imstrace"
    var version: String
    var rules: [Descriptor]
  }

  struct Descriptor: Codable, Equatable {
    var id: String
    var shortDescription: Message
    var fullDescription: Message
    var help: Message
    var defaultConfiguration: Configuration
    var properties: Properties

    struct Configuration: Codable, Equatable {
      var enabled: Bool
      var level: String
    }

    struct Properties: Codable, Equatable {
      var tags: [String]
      var clauses: [String]
    }
  }

  struct Message: Codable, Equatable { var text: String }

  struct Invocation: Codable, Equatable {
    var executionSuccessful: Bool
    var toolExecutionNotifications: [Notification]
  }

  struct Notification: Codable, Equatable {
    var level: String
    var message: Message
  }

  struct Artifact: Codable, Equatable {
    var location: ArtifactLocation
    var roles = ["analysisTarget"]
  }

  struct ArtifactLocation: Codable, Equatable {
    var uri: String
    /// Into `artifacts`.
    var index: Int?
  }

  struct Result: Codable, Equatable {
    var ruleId: String
    var ruleIndex: Int
    var level: String
    var message: Message
    var locations: [Location]
    var occurrenceCount: Int
    var partialFingerprints: [String: String]
    var baselineState: String?
    var suppressions: [Suppression]
    var properties: Properties

    struct Properties: Codable, Equatable {
      /// "89", or "0:89" with the number of the input.
      var frames: [String]
      var registrations: [Int]
    }
  }

  struct Location: Codable, Equatable {
    var physicalLocation: PhysicalLocation
    var logicalLocations: [LogicalLocation]?
  }

  struct PhysicalLocation: Codable, Equatable {
    var artifactLocation: ArtifactLocation
    var region: Region?
  }

  struct Region: Codable, Equatable { var startLine: Int }

  struct LogicalLocation: Codable, Equatable {
    var fullyQualifiedName: String
    var kind = "message"
  }

  struct Suppression: Codable, Equatable {
    var kind = "external"
    var justification: String
  }
}
