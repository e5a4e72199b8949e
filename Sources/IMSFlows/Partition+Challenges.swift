import IMSBytes
import IMSMessages
import IMSSIP

// Which REGISTERs of one Call-ID are one registration: a challenge and its answer join them.
extension Partition {
  /// A later REGISTER of the same Call-ID belongs to the same registration while the last answer was an intermediate one.
  @inline(__always)  // A call would copy the partition.
  func continues(_ last: Int, _ next: Int) -> Bool {
    guard rounds[next].cseq > rounds[last].cseq else {
      // Late, and not begun anew.
      return rounds[next].cseq < rounds[last].cseq
        && rounds[next].start - rounds[last].start < timers.finalResponseUE
        && !(rounds[last].isAnswered && rounds[next].start - rounds[last].answered > Timers.clockSlack)
    }
    guard let final = rounds[last].view.final, facts[final].status > 0 else {
      return answersChallenge(next, of: last) || answersUnseenChallenge(next, of: last)
    }
    let wait = rounds[next].start - facts[final].time
    switch facts[final].status {
    case 401, 407:
      return wait <= timers.awaitAuthentication
        && (answersChallenge(next, of: last) || rounds[next].view.request == nil || hidesCredentials(next)
          || facts[final].status == 407 && answersProxy(next))
    case 423, 494, 420, 421: return wait <= timers.finalResponse
    default: return false
    }
  }

  /// On whichever hop.
  @inline(__always)
  private func firstRequest(of round: Int) -> Int? { roundMembers[round].first { facts[$0].isRequest } }

  /// Does the next REGISTER carry the nonce of a challenge that some hop showed for the last one?
  @inline(__always)
  private func answersChallenge(_ next: Int, of last: Int) -> Bool {
    for request in roundMembers[next] where facts[request].isRequest {
      for challenge in roundMembers[last] where facts[challenge].status > 0 {
        if answers(request, challenge) { return true }
      }
    }
    return false
  }

  /// Was the challenge that it answers lost by the recorder? Its nonce is none that the UE had when it sent the last REGISTER,
  /// and that still waits for its answer.
  @inline(__always)
  private func answersUnseenChallenge(_ next: Int, of last: Int) -> Bool {
    guard let asked = firstRequest(of: last), let given = firstRequest(of: next),
      authentication[given].respondsAnew(since: authentication[asked]), rounds[next].start <= closing(last)
    else { return false }
    for index in facts.indices where facts[index].status > 0 {
      if authentication[index].nonce == authentication[given].nonce { return false }
    }
    return true
  }

  /// Credentials for a proxy are not read: that they are there is enough (RFC 3261 §22.3).
  private func answersProxy(_ round: Int) -> Bool {
    roundMembers[round].contains { facts[$0].isRequest && messages[$0].sip?.has(.proxyAuthorization) ?? false }
  }

  @inline(__always)
  func answers(_ request: Int, _ challenge: Int) -> Bool {
    if authentication[request].isOdd || authentication[challenge].isOdd {
      guard let given = messages[request].sip, let asked = messages[challenge].sip else { return false }
      return given.answers(asked)
    }
    return authentication[request].nonce != .empty && authentication[request].nonce == authentication[challenge].nonce
  }

  /// Was every request of this round cut before its Authorization, or within?
  private func hidesCredentials(_ round: Int) -> Bool {
    for index in roundMembers[round] where facts[index].isRequest {
      if !facts[index].isTruncated || messages[index].sip?.showsWhole(.authorization) ?? true { return false }
    }
    return true
  }
}
