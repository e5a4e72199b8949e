import IMSAnalysis
import IMSBytes
import IMSFlows
import IMSInflate
import IMSMessages
import IMSRules
import IMSSecrets

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The inputs of one run: opened, watched for SIGINT and progress, and at the end spoken of on standard error.
final class Session {
  /// What the command looks for, as it is named in "no registration …".
  enum Sought: String { case registration, message }

  let sources: [FrameLoop.Source]
  /// An input is a pipe: what is known is printed at once.
  let isLive: Bool
  private let input: InputOptions
  private let files: [BlockFile]
  private let progress: Progress

  init(_ input: InputOptions) {
    self.input = input
    Interrupt.listen()
    Session.allowManyFiles()
    sources = input.files.map { path in
      if Interrupt.isRaised { return .failure(.interrupted(FileSource.name(of: path))) }
      do throws(InputError) { return .file(try openInput(path)) } catch { return .failure(error) }
    }
    files = sources.compactMap { if case .file(let file) = $0 { file } else { nil } }
    isLive = input.files.contains(where: Session.isPipe)
    let progress = Progress(files)
    self.progress = progress
    for file in files {
      file.isInterrupted = {
        progress.tick()
        return Interrupt.isRaised
      }
    }
  }

  /// Writes what belongs to one registration or message.
  func print(_ text: String, to output: Output) {
    progress.erase()
    output.write(text)
    if isLive || output.isTerminal { output.flush() }
  }

  func countRegistration() { progress.count() }

  /// Erases the progress line and says what is wrong with the inputs.
  func conclude(_ run: RunReport, found: Bool, sought: Sought = .registration) -> Set<ExitStatus> {
    progress.erase()
    var statuses: Set<ExitStatus> = run.wasInterrupted ? [.interrupted] : []
    for report in run.inputs {
      if let failure = report.failure {
        Complaint.say("\(failure)")
        if failure.kind != .interrupted { statuses.insert(.input) }
      } else if let issue = report.issues.first {
        let others = UInt64(report.issues.count - 1) + report.furtherIssues
        let more = others > 0 ? ", and \(others) more issue\(others > 1 ? "s" : "")" : ""
        Complaint.say("\(report.path): \(issue)\(more); what could be read was analysed")
      }
    }
    for issue in run.coverage.issues where issue.layer == "filter" {
      Complaint.say("the filter \(issue.reason) (\(issue.count) packets)")
    }
    if files.contains(where: { $0.failure != nil }) { statuses.insert(.input) }
    if let path = input.writeESPSA {
      // The keys that were learned: a file of the user's own, whatever stood there before.
      let text = AssociationLines.write(run.associations)
      if let status = Output.save(text, to: path, inputs: input.files, isSecret: true) { statuses.insert(status) }
    }
    if !found, !run.isUnread {
      Complaint.say(nothing(in: run, sought))
      // Whoever interrupts does not wait for what is to come.
      if !input.allowEmpty, !run.wasInterrupted { statuses.insert(.input) }
    }
    return statuses
  }

  private func nothing(in run: RunReport, _ sought: Sought) -> String {
    let place = run.inputs.count == 1 ? "\(run.inputs[0].path): " : ""
    let messages = run.coverage.messages
    let none = "\(place)no \(sought.rawValue)"
    if run.coverage.frames == 0, run.coverage.filtered > 0 {
      return "\(none): the filter keeps out all \(run.coverage.filtered) packets"
    }
    if run.coverage.frames == 0, run.wasInterrupted { return "\(none): interrupted before the first packet" }
    if run.coverage.frames == 0 { return "\(none): the capture holds no packets" }
    if messages.sip + messages.diameter == 0 {
      let others = run.coverage.notDecoded.prefix(3).map { "\($0.what): \($0.frames)" }.joined(separator: ", ")
      let hint = others.isEmpty ? "" : " (frames that were not decoded: \(others))"
      return "\(none): neither SIP nor Diameter in \(run.coverage.frames) packets\(hint)"
    }
    if !input.selection.isEverything { return "\(none) matches \(input.selectionText)" }
    return "\(none) among \(messages.sip) SIP and \(messages.diameter) Diameter messages; 'imstrace dump' lists them"
  }

  private static func isPipe(_ path: String) -> Bool {
    var information = stat()
    let result = path == "-" ? fstat(0, &information) : stat(path, &information)
    return result == 0 && information.st_mode & S_IFMT != S_IFREG
  }

  /// Rotated captures may be many, and all are open at once.
  private static func allowManyFiles() {
    #if canImport(Glibc)
      let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    #else
      let resource = RLIMIT_NOFILE
    #endif
    var limit = rlimit()
    guard getrlimit(resource, &limit) == 0, limit.rlim_cur < limit.rlim_max else { return }
    limit.rlim_cur = min(limit.rlim_max, 65_536)
    setrlimit(resource, &limit)
  }
}

extension RunReport {
  /// No input could be read at all.
  var isUnread: Bool { inputs.allSatisfy { $0.failure != nil } }
}
