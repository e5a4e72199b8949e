// swift-tools-version: 6.1
import Foundation
import PackageDescription

// One direction: a target may import only what stands in its own list, which is a prefix of the path
// Frame → Payload → Message → Flow → Report → View. docs/Tour.md walks through the doors in this order.

let settings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableExperimentalFeature("Lifetimes"),
]

func door(_ name: String, _ imports: [String]) -> Target {
  .target(name: name, dependencies: imports.map { .init(stringLiteral: $0) }, swiftSettings: settings)
}

func tests(_ name: String, _ imports: [String], exclude: [String] = []) -> Target {
  let dependencies = (imports + ["TestSupport"]).map { Target.Dependency(stringLiteral: $0) }
  return .testTarget(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: settings)
}

/// A C library of the system. The module map names what to link; pkg-config tells where it is when that is elsewhere.
func library(_ name: String, _ pkgConfig: String, apt: String, brew: String) -> Target {
  .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([apt]), .brew([brew])])
}

/// Their `main` is the fuzzer's, so an ordinary build cannot link them: `make fuzz` sets the switch.
let fuzzers: [Target] =
  ProcessInfo.processInfo.environment["IMSTRACE_FUZZ"] == nil
  ? []
  : ["frames", "reassembly", "sip", "diameter", "captures"].map {
    .executableTarget(name: "fuzz-\($0)", dependencies: ["FuzzTargets"], swiftSettings: settings)
  }

let package = Package(
  name: "imstrace",
  platforms: [.macOS(.v15)],
  products: [.executable(name: "imstrace", targets: ["imstrace"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    // Shelves: know no capture.
    door("IMSBytes", []),
    door("IMSSIP", ["IMSBytes"]),
    door("IMSDiameter", ["IMSBytes"]),
    door("IMSAccess", ["IMSBytes"]),

    .target(
      name: "IMSSecrets",
      dependencies: [
        "IMSBytes", .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "CryptoExtras", package: "swift-crypto"),
      ],
      swiftSettings: settings),

    // Rims: C stays in them. They open the inputs; no door knows them.
    library("CZlib", "zlib", apt: "zlib1g-dev", brew: "zlib"),
    library("CZstd", "libzstd", apt: "libzstd-dev", brew: "zstd"),
    library("CLibpcap", "libpcap", apt: "libpcap-dev", brew: "libpcap"),
    door("IMSInflate", ["IMSBytes", "CZlib", "CZstd"]),
    door("LibpcapSource", ["IMSBytes", "IMSCapture", "CLibpcap"]),

    // Doors, in the order of the path.
    door("IMSCapture", ["IMSBytes"]),
    door("IMSWire", ["IMSBytes", "IMSSecrets", "IMSCapture"]),
    door("IMSMessages", ["IMSBytes", "IMSCapture", "IMSWire", "IMSSIP", "IMSDiameter", "IMSAccess"]),
    door("IMSFlows", ["IMSBytes", "IMSSecrets", "IMSWire", "IMSMessages", "IMSSIP", "IMSDiameter", "IMSAccess"]),
    door(
      "IMSRules",
      [
        "IMSBytes", "IMSSecrets", "IMSCapture", "IMSWire", "IMSMessages", "IMSFlows", "IMSSIP", "IMSDiameter",
        "IMSAccess",
      ]),
    // Crypto: the hash by which a page allows its own style and no other.
    .target(
      name: "IMSViews",
      dependencies: [
        "IMSBytes", "IMSCapture", "IMSWire", "IMSMessages", "IMSFlows", "IMSRules", "IMSSIP", "IMSDiameter",
        "IMSAccess", .product(name: "Crypto", package: "swift-crypto"),
      ],
      swiftSettings: settings),

    // Shells.
    door(
      "IMSAnalysis",
      [
        "IMSBytes", "IMSSecrets", "IMSCapture", "IMSWire", "IMSMessages", "IMSFlows", "IMSRules", "IMSSIP",
        "IMSDiameter",
      ]),

    .executableTarget(
      name: "imstrace",
      dependencies: [
        "IMSAnalysis", "IMSBytes", "IMSCapture", "IMSDiameter", "IMSFlows", "IMSInflate", "IMSMessages", "IMSRules",
        "IMSSIP", "IMSSecrets", "IMSViews", "IMSWire", "LibpcapSource",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Yams", package: "Yams"),
      ],
      swiftSettings: settings),

    // For tests, samples and benchmarks; never in the product.
    door("IMSForge", ["IMSBytes"]),

    .executableTarget(
      name: "imstrace-bench",
      dependencies: [
        "IMSAnalysis", "IMSBytes", "IMSCapture", "IMSDiameter", "IMSFlows", "IMSForge", "IMSMessages", "IMSRules",
        "IMSSIP", "IMSSecrets", "IMSViews", "IMSWire", "CLibpcap",
        .product(name: "Crypto", package: "swift-crypto"), .product(name: "CryptoExtras", package: "swift-crypto"),
      ],
      swiftSettings: settings),

    .target(
      name: "TestSupport", dependencies: ["CZlib", "CZstd"], path: "Tests/TestSupport", swiftSettings: settings),
    tests("BytesTests", ["IMSBytes"]),
    tests("SIPTests", ["IMSBytes", "IMSSIP"]),
    tests("DiameterTests", ["IMSBytes", "IMSDiameter", "IMSForge"]),
    tests("CaptureTests", ["IMSBytes", "IMSCapture", "IMSForge"]),
    tests(
      "InflateTests",
      [
        "IMSBytes", "IMSCapture", "IMSRules", "IMSAnalysis", "IMSViews", "IMSInflate", "CZlib",
      ]),
    tests(
      "LibpcapTests",
      [
        "IMSBytes", "IMSCapture", "IMSWire", "IMSMessages", "IMSFlows", "IMSRules", "IMSAnalysis", "IMSForge",
        "LibpcapSource", "CLibpcap",
      ]),
    tests("SecretsTests", ["IMSBytes", "IMSSecrets"]),
    tests("AccessTests", ["IMSBytes", "IMSAccess", "IMSForge"]),
    // Counts what a test allocates.
    .target(name: "AllocationCounter", path: "Tests/AllocationCounter"),
    tests(
      "AnalysisTests",
      [
        "AllocationCounter",
        "IMSBytes", "IMSSecrets", "IMSCapture", "IMSWire", "IMSMessages", "IMSSIP", "IMSDiameter", "IMSAccess",
        "IMSFlows", "IMSRules", "IMSAnalysis", "IMSInflate", "IMSForge",
      ],
      exclude: ["Tshark/tshark-differences.txt"]),
    tests(
      "RuleTests",
      [
        "IMSBytes", "IMSSecrets", "IMSWire", "IMSMessages", "IMSSIP", "IMSDiameter", "IMSFlows", "IMSRules",
        "IMSAnalysis", "IMSViews", "IMSForge",
      ]),
    tests(
      "ViewsTests",
      [
        "IMSBytes", "IMSSecrets", "IMSWire", "IMSMessages", "IMSSIP", "IMSDiameter", "IMSFlows", "IMSRules",
        "IMSAnalysis", "IMSViews", "IMSForge",
      ],
      exclude: [
        "Golden", "Diagrams/icscf-view.tsv", "CodeHosts/junit.xsd", "CodeHosts/sarif-2.1.0-part.schema.json",
      ]),
    tests("CLITests", ["imstrace", "IMSBytes", "IMSFlows", "IMSRules", "IMSViews", "IMSForge"]),
    // What the fuzzer runs on its inputs, and a test on those that were kept. Makes inputs too, so it knows the forge.
    .target(
      name: "FuzzTargets",
      dependencies: [
        "IMSBytes", "IMSCapture", "IMSDiameter", "IMSForge", "IMSInflate", "IMSMessages", "IMSSIP", "IMSWire",
      ],
      swiftSettings: settings),
    tests("FuzzTests", ["FuzzTargets"]),
    tests(
      "BenchTests",
      [
        "imstrace-bench", "IMSBytes", "IMSForge", "IMSMessages", "IMSFlows", "IMSRules", "IMSAnalysis", "IMSWire",
      ]),
    tests("WireTests", ["IMSBytes", "IMSCapture", "IMSForge", "IMSSecrets", "IMSWire"]),
    tests("ForgeTests", ["IMSBytes", "IMSForge"]),
  ] + fuzzers
)
