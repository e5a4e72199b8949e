import IMSDiameter
import IMSFlows
import IMSMessages
import IMSRules
import IMSSIP
import TestSupport

/// What the program says of a recorded scenario, and what the messages in it look like.
struct Recorded {
  var reports: [FlowReport]

  init(_ scenario: String, _ file: String = "merged.pcapng", profile: Profile = .field) throws {
    reports = Trace.reports(try Files.scenario(scenario, file), profile: profile)
  }

  /// Identifiers of the rules that fired, each once, in order.
  var fired: [String] { Set(reports.flatMap(\.findings).map(\.rule)).sorted() }

  /// Rules that passed in every registration that is not their business at all.
  var passedThroughout: Set<String> {
    let applicable = reports.map { Set($0.passed).union($0.notApplicable) }
    let passed = Set(reports.flatMap(\.passed))
    return applicable.reduce(passed) { $0.intersection($1) }
  }

  var flows: [Flow] { reports.map(\.flow) }
  var messages: [FlowMessage] { flows.flatMap(\.messages) }

  /// Responses of that status, else requests.
  func sip(on hop: Hop? = nil, status: Int? = nil) -> [SIPMessage] {
    messages.filter { hop == nil || $0.hop == hop }.compactMap(\.message.sip).filter { $0.status == status }
  }

  func diameter(_ command: CommandCode, isRequest: Bool) -> [DiameterMessage] {
    messages.compactMap(\.message.diameter).filter { $0.command == command && $0.isRequest == isRequest }
  }
}

/// What the P-CSCF of the recordings does to every REGISTER: it replaces Supported, and begins no charging record.
let ofEveryREGISTER = ["HDR008", "RTE013"]

/// What it earns wherever AKA is used: it never says integrity-protected, and without IPsec it leaves the keys in.
let ofThePCSCF = (["AUT015", "PRV001"] + ofEveryREGISTER).sorted()

/// Of the security agreement that the recorded UE and P-CSCF make, warnings and remarks.
let ofTheAgreement = ["SEC003", "SEC014"]

extension Recorded {
  /// What fired beside the rules of time and size: those speak of the machine that was recorded.
  var told: [String] { fired.filter { !$0.hasPrefix("TIM") && !$0.hasPrefix("NET") } }
}
