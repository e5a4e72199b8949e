import ArgumentParser
import IMSAnalysis
import IMSBytes
import IMSCapture
import IMSFlows
import IMSInflate
import IMSRules
import IMSSecrets
import LibpcapSource

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// What check, flows, ladder and dump share: inputs, selection, and how they are read.
struct InputOptions: ParsableArguments {
  @Argument(
    help: "Captures (pcap or pcapng, also gzip or zstd), read as one; '-' is standard input.", completion: .file())
  var files: [String] = []

  @Option(help: "Only what concerns this IMSI, user part, or private or public identity.")
  var user: String?

  @Option(help: "Only what has this SIP Call-ID.")
  var callID: String?

  @Option(help: "Only what has this Diameter Session-Id.")
  var sessionID: String?

  @Option(help: ArgumentHelp("Only the registration of this number, as check and flows number them.", valueName: "n"))
  var registration: Int?

  @Option(
    help: ArgumentHelp("Only packets that match this expression of libpcap (pcap-filter(7)).", valueName: "expression"))
  var filter: String?

  @Option(
    name: .customLong("link-type"),
    help: ArgumentHelp(
      "What packets of an unknown link type hold: ip, eth, sll, sll2, null, loop, ppp, hdlc, pppoe, nflog, pdu or pktap.",
      valueName: "147=ip"))
  var linkTypes: [LinkContent] = []

  @Option(
    help: """
      strict: the rules as written; field (default): what is common and harmless is a warning; seed: teaching traces; \
      gsma-ir92: voice over LTE.
      """)
  var profile: ProfileName?

  @Option(
    help: "How this network is judged, as YAML; by default imstrace.yaml beside the capture.", completion: .file())
  var config: String?

  @Flag(help: "Leave an imstrace.yaml beside the capture alone.")
  var noConfig = false

  @Option(help: ArgumentHelp("Run these rules and families only, as in 'VIA,AUT'.", valueName: "rules"))
  var select: RuleNames?

  @Option(help: ArgumentHelp("Run these too.", valueName: "rules"))
  var extendSelect: RuleNames?

  @Option(help: ArgumentHelp("Do not run these; of two names that fit a rule the longer decides.", valueName: "rules"))
  var ignore: RuleNames?

  @Option(help: "Roles of nodes, a line 'address[:port] role [name]' each.", completion: .file())
  var hosts: String?

  @Option(
    name: .customLong("esp-sa"),
    help: "Keys of ESP from elsewhere, as lines of Wireshark's table esp_sa.", completion: .file())
  var espSA: String?

  @Option(
    name: .customLong("write-esp-sa"),
    help: "Write the keys of ESP that were learned to this file, for Wireshark; it holds secrets.", completion: .file())
  var writeESPSA: String?

  @Option(
    help: ArgumentHelp(
      "K of subscribers, a line 'IMSI key' each ('*' for all others): every challenge and response is recomputed.",
      valueName: "file"), completion: .file())
  var ki: String?

  @Option(help: ArgumentHelp("OP of subscribers, in such lines.", valueName: "file"), completion: .file())
  var op: String?

  @Option(help: ArgumentHelp("OPc of subscribers, in such lines.", valueName: "file"), completion: .file())
  var opc: String?

  @Flag(help: "Finding nothing is no failure.")
  var allowEmpty = false

  func validate() throws {
    if files.filter({ $0 == "-" }).count > 1 { throw ValidationError("standard input can be read only once") }
    if files.count > Int(UInt16.max) { throw ValidationError("more than \(UInt16.max) inputs") }
    if config != nil, noConfig { throw ValidationError("--config and --no-config contradict each other") }
    if writeESPSA == "-" { throw ValidationError("--write-esp-sa takes a file: keys do not go to standard output") }
    if ki == nil, let name = op != nil ? "--op" : opc != nil ? "--opc" : nil {
      throw ValidationError("\(name) needs the K of the subscribers: --ki")
    }
    if ki != nil, op == nil, opc == nil {
      throw ValidationError("--ki needs OP or OPc of the subscribers: --op, --opc")
    }
    if [ki, op, opc].count(where: { $0 == "-" }) > 0 {
      throw ValidationError("keys are read from files, not from '-'")
    }
    if let registration, registration < 1 { throw ValidationError("registrations are numbered from 1") }
  }

  var selection: Selection {
    Selection(user: user, callID: callID, sessionID: sessionID, registration: registration)
  }

  /// "--user 001010000000001"
  var selectionText: String {
    [
      user.map { "--user \($0)" }, callID.map { "--call-id \($0)" }, sessionID.map { "--session-id \($0)" },
      registration.map { "--registration \($0)" },
    ]
    .compactMap(\.self).joined(separator: " ")
  }

  /// Of commands that judge nothing.
  func options() throws -> Options { try setup(nil).options }

  func setup(_ work: WorkOptions?) throws -> Setup {
    var options = try readOptions()
    work?.apply(to: &options)
    let chosen = RuleSelection(
      select: select?.names ?? [], extendSelect: extendSelect?.names ?? [], ignore: ignore?.names ?? [])
    if let name = chosen.unknown(among: options.profile.allRules).first { throw RuleNames.problem(name) }
    let (rules, idle) = options.profile.rules(chosen)
    options.rules = rules
    return Setup(options: options, idle: idle, config: configPath)
  }

  private func readOptions() throws -> Options {
    if files.isEmpty { throw ValidationError("Missing expected argument '<files> ...'") }
    var options = Options()
    options.profile =
      try configPath.map { try ConfigFile.read($0, base: profile?.profile) } ?? profile?.profile ?? .field
    options.selection = selection
    for line in options.profile.roles { _ = options.hosts.add(line) }
    if let hosts { options.hosts = try readHosts(hosts).merged(over: options.hosts) }
    if let espSA { options.associations = try readAssociations(espSA) }
    options.subscriberKeys = try readSubscriberKeys()
    options.keepsKeys = writeESPSA != nil
    for content in linkTypes { options.linkTypes[content.type] = content.content }
    options.unpack = Zlib.unpack
    if let filter {
      do throws(FilterError) { options.filter = try PacketFilter(filter).frameFilter } catch {
        throw Problem(.usage, "\(error)")
      }
    }
    return options
  }

  /// The file that `--config` names, else the one beside the first capture, where there is one.
  private var configPath: String? {
    if let config { return config }
    guard !noConfig, let first = files.first, first != "-" else { return nil }
    let folder = first.lastIndex(of: "/").map { String(first[...$0]) } ?? ""
    let path = folder + ConfigFile.name
    return access(path, F_OK) == 0 ? path : nil
  }

  private func readHosts(_ path: String) throws -> Hosts {
    let text = try TextFile.read(path)
    do throws(HostsError) { return try Hosts(text) } catch { throw Problem(.usage, "\(path): \(error)") }
  }

  private func readSubscriberKeys() throws -> SubscriberKeys {
    var keys = SubscriberKeys()
    guard let ki else { return keys }
    for (path, kind) in [(ki, SubscriberKeys.Kind.ki), (op, .op), (opc, .opc)] {
      guard let path else { continue }
      let text = try TextFile.read(path)
      do throws(SubscriberKeys.Failure) { try keys.read(text, as: kind) } catch {
        throw Problem(.usage, "\(path): \(error)")
      }
    }
    if let flaw = keys.flaw { throw Problem(.usage, "\(ki): \(flaw)") }
    return keys
  }

  private func readAssociations(_ path: String) throws -> [SecurityAssociation] {
    let text = try TextFile.read(path)
    do throws(AssociationLines.Failure) { return try AssociationLines.read(text) } catch {
      throw Problem(.usage, "\(path): \(error)")
    }
  }
}

/// What an analysis is to do, and what it is not.
struct Setup {
  var options: Options
  var idle: [IdleRule]
  /// The file that the profile comes from.
  var config: String?

  /// What a report says of the profile, where a file names it.
  var profileText: String? { config.map { "profile \(options.profile.name) (\($0))" } }
}

/// A file of settings, read whole. What is wrong with it is wrong usage.
enum TextFile {
  static func read(_ path: String) throws -> String {
    do throws(InputError) {
      let file = try BlockFile(path: path)
      while file.fill(file.available + 1) {}
      if let failure = file.failure { throw failure }
      return String(decoding: file.span.array, as: UTF8.self)
    } catch {
      throw Problem(.usage, "\(error)")
    }
  }
}

/// "VIA,AUT015": rules, or the beginnings of their names.
struct RuleNames: ExpressibleByArgument {
  var names: [String]

  init?(argument: String) {
    names = argument.split(separator: ",").map { $0.filter { !$0.isWhitespace }.uppercased() }.filter { !$0.isEmpty }
    if names.isEmpty { return nil }
  }

  static func problem(_ name: String) -> Problem {
    let near = Suggestion.nearest(to: name, among: Catalogue.rules.map(\.id) + Catalogue.families)
    let hint = near.map { ": did you mean '\($0)'?" } ?? "; 'imstrace rules' lists them"
    return Problem(.usage, "no rule is named '\(name)'\(hint)")
  }
}

/// "147=ip": a number of LINKTYPE_ that has no meaning here, and the link type that stands for it.
struct LinkContent: ExpressibleByArgument {
  var type: LinkType
  var content: LinkType

  init?(argument: String) {
    let parts = argument.split(separator: "=", omittingEmptySubsequences: false)
    guard parts.count == 2, let number = UInt16(parts[0]) else { return nil }
    type = LinkType(rawValue: UInt32(number))
    guard !LinkType.known.contains(type),
      let content = LinkType.contents.first(where: { $0.name == parts[1] })?.type
    else { return nil }
    self.content = content
  }
}

enum ProfileName: String, ExpressibleByArgument, CaseIterable {
  case strict, field, seed
  case gsmaIR92 = "gsma-ir92"

  var profile: Profile {
    switch self {
    case .strict: .strict
    case .field: .field
    case .seed: .seed
    case .gsmaIR92: .gsmaIR92
    }
  }
}
