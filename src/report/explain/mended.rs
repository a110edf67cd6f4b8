//! Problem codes: why each matters, and how a file without the problem reads.

/// The head that most examples share: it rings at bob.
pub(super) const HEAD: &str = "scenario: An example\ncovers: [ACC-1]\nusers: [alice, bob]\nsteps:\n  - alice: { create: call, callee: bob }\n  - alice: { send: call }\n  - bob:   { expect: remoteInvitationReceived, of: call }\n";

/// Bob accepts, and both hear of it.
const ANSWER: &str = "  - bob:   { accept: call }\nHEARD";

/// Both hear of the accept.
const HEARD: &str = "  - bob:   { expect: remoteInvitationAccepted, of: call }\n  - alice: { expect: localInvitationAccepted, of: call }\n";

/// What is wrong with leaving a problem in, and the lines as they should be.
pub(super) struct Mended {
    code: &'static str,
    pub(super) why: &'static str,
    /// A whole file, with words for the parts that many share; what is shown of it stands between `«` and `»`.
    file: &'static str,
}

impl Mended {
    pub(super) fn of(code: &str) -> Option<&'static Self> {
        MENDED.iter().find(|mended| mended.code == code)
    }

    /// The whole file.
    #[cfg(test)]
    pub(super) fn whole(&self) -> String {
        self.text().replace(['«', '»'], "")
    }

    /// The lines that matter.
    pub(super) fn lines(&self) -> String {
        let text = self.text();
        let after = text
            .split_once('«')
            .map_or(text.as_str(), |(_, after)| after);
        let lines = after.split_once('»').map_or(after, |(lines, _)| lines);
        lines.to_owned()
    }

    fn text(&self) -> String {
        self.file
            .replace("HEAD", HEAD)
            .replace("REFUSED", &HEAD.replace("ACC-1", "REF-1"))
            .replace("EXPIRED", &HEAD.replace("ACC-1", "FAIL-4"))
            .replace("ANSWER", ANSWER)
            .replace("HEARD", HEARD)
    }
}

const fn mended(code: &'static str, why: &'static str, file: &'static str) -> Mended {
    Mended { code, why, file }
}

const MENDED: &[Mended] = &[
    mended(
        "S001",
        "A file that no reader takes runs nowhere, and a tag or a second document would be passed over in silence elsewhere.",
        "«HEAD»ANSWER",
    ),
    mended(
        "S002",
        "Bounds keep one file from holding up a run of hundreds, and every limit of the lifecycle lies far below them.",
        "HEADANSWER«  - alice: { create: big, callee: bob, content: { repeat: \"Hello\", times: 1000 } }\n»  - alice: { cancel: big, result: NotStarted }\n",
    ),
    mended(
        "S003",
        "A user that nobody declares would never log in, and its steps would wait for nothing.",
        "scenario: An example\ncovers: [ACC-1]\n«users: [alice, bob, carol]\n»steps:\n  - alice: { create: call, callee: carol }\n  - alice: { send: call }\n  - carol: { expect: remoteInvitationReceived, of: call }\n«  - carol: { accept: call }\n»  - carol: { expect: remoteInvitationAccepted, of: call }\n  - alice: { expect: localInvitationAccepted, of: call }\n  - bob:   { connection: Connected }\n",
    ),
    mended(
        "S004",
        "A misspelt option that is passed over makes a scenario demand less than it says.",
        "HEAD  - bob:   { accept: call }\n«  - bob:   { expect: remoteInvitationAccepted, of: call }\n»  - alice: { expect: localInvitationAccepted, of: call }\n",
    ),
    mended(
        "S005",
        "Of two keys of one name YAML readers keep one, and which one depends on the reader.",
        "scenario: An example\n«covers: [ACC-1, ACC-2]\n»users: [alice, bob]\nsteps:\n  - alice: { create: call, callee: bob }\n  - alice: { send: call }\n  - bob:   { expect: remoteInvitationReceived, of: call }\nANSWER",
    ),
    mended(
        "S006",
        "An invitation without a callee, or a scenario without steps, could only be guessed.",
        "HEADANSWER«  - alice: { create: more, callee: bob }\n»  - alice: { cancel: more, result: NotStarted }\n",
    ),
    mended(
        "S007",
        "A text where a list belongs would be taken for something else, or for nothing.",
        "scenario: An example\n«covers: [ACC-1]\n»users: [alice, bob]\nsteps:\n  - alice: { create: call, callee: bob }\n  - alice: { send: call }\n  - bob:   { expect: remoteInvitationReceived, of: call }\nANSWER",
    ),
    mended(
        "S008",
        "Coverage is counted from these ids: one that does not exist counts for nothing, and the one that was meant is missed.",
        "scenario: An example\n«covers: [ACC-1]\n»users: [alice, bob]\nsteps:\n  - alice: { create: call, callee: bob }\n  - alice: { send: call }\n  - bob:   { expect: remoteInvitationReceived, of: call }\nANSWER",
    ),
    mended(
        "S009",
        "A step that the language does not have would not be taken, and the scenario would prove something else.",
        "HEAD«  - bob:   { accept: call }\n»HEARD",
    ),
    mended(
        "S010",
        "A callback of another name never comes, so that the scenario fails for a slip of the pen.",
        "HEAD  - bob:   { accept: call }\n«  - bob:   { expect: remoteInvitationAccepted, of: call }\n»  - alice: { expect: localInvitationAccepted, of: call }\n",
    ),
    mended(
        "S011",
        "A result that no call can give makes a demand that nothing meets.",
        "HEAD«  - alice: { send: call, result: AlreadySent }\n»ANSWER",
    ),
    mended(
        "S012",
        "One number means different things on the two sides (FAIL-7), so the name must be one of the side that hears it.",
        "scenario: An example\ncovers: [FAIL-1]\nusers: [alice, bob]\noffline: [bob]\nsteps:\n  - alice: { create: call, callee: bob }\n  - alice: { send: call }\n«  - alice: { expect: localInvitationFailure, of: call, code: RemoteOffline, at: offline_window }\n»",
    ),
    mended(
        "S013",
        "A state or a reason that connections do not have is never reported.",
        "HEADANSWER«  - alice: { connection: Connected }\n»",
    ),
    mended(
        "S014",
        "Five of what? A number without a unit is read as seconds by one and as milliseconds by the next.",
        "HEAD«  - wait: 5ms\n»ANSWER",
    ),
    mended(
        "S015",
        "An invitation that nobody created cannot be answered.",
        "HEAD«  - bob:   { accept: call }\n»HEARD",
    ),
    mended(
        "S016",
        "With one label for two invitations no step could say which it means.",
        "HEADANSWER«  - alice: { create: another, callee: bob }\n»  - alice: { cancel: another, result: NotStarted }\n",
    ),
    mended(
        "S017",
        "An invitation that nothing is done with is left over from an edit, or its steps are missing.",
        "HEADANSWER«  - alice: { create: more, callee: bob }\n  - alice: { cancel: more, result: NotStarted }\n»",
    ),
    mended(
        "S018",
        "A callee cannot cancel and a caller cannot accept: the library has no such call.",
        "REFUSED«  - bob:   { refuse: call }\n»  - bob:   { expect: remoteInvitationRefused, of: call }\n  - alice: { expect: localInvitationRefused, of: call }\n",
    ),
    mended(
        "S019",
        "An option of another step would be passed over, and with it what the author meant to demand.",
        "HEAD«  - bob:   { accept: call, response: \"Yes\" }\n»  - bob:   { expect: remoteInvitationAccepted, of: call }\n  - alice: { expect: localInvitationAccepted, of: call, response: \"Yes\" }\n",
    ),
    mended(
        "S020",
        "Of two options that exclude each other only one could be meant.",
        "EXPIRED«  - bob:   { expect: remoteInvitationFailure, of: call, code: Expire, at: expiry }\n»  - alice: { expect: localInvitationFailure, of: call, code: Expire }\n",
    ),
    mended(
        "S021",
        "A scenario that demands nothing passes whatever the target does.",
        "«HEADANSWER»",
    ),
    mended(
        "S022",
        "What covers nothing, or plays nobody, proves nothing.",
        "scenario: An example\n«covers: [ACC-1]\n»users: [alice, bob]\nsteps:\n  - alice: { create: call, callee: bob }\n  - alice: { send: call }\n  - bob:   { expect: remoteInvitationReceived, of: call }\nANSWER",
    ),
    mended(
        "S023",
        "Expectations can come in any order; calls are made in one, or together.",
        "HEAD  - bob:   { accept: call }\n«  - any_order:\n      - bob:   { expect: remoteInvitationAccepted, of: call }\n      - alice: { expect: localInvitationAccepted, of: call }\n»",
    ),
    mended(
        "S024",
        "A user called `wait` would make `wait: …` two things at once.",
        "scenario: An example\ncovers: [ACC-1]\n«users: [alice, bob]\n»steps:\n  - alice: { create: call, callee: bob }\n  - alice: { send: call }\n  - bob:   { expect: remoteInvitationReceived, of: call }\nANSWER",
    ),
    mended(
        "S025",
        "A device logs in under the id of a user, which a circle of devices does not lead to.",
        "scenario: An example\ncovers: [SES-1]\n«users: [alice, { phone: { same_as: alice } }]\n»offline: [phone]\nsteps:\n  - phone: login\n  - phone: { connection: Connected }\n  - alice: { connection: Aborted, reason: RemoteLogin }\n",
    ),
    mended(
        "S026",
        "A connection has two directions, told from the user's side.",
        "HEAD«  - alice: { hold: sent }\n»  - alice: { release: sent }\nANSWER",
    ),
    mended(
        "S027",
        "An outcome in which the two sides disagree is what the lifecycle forbids (AGR): allowing it would hide the bug.",
        "HEAD  - race:\n      steps:\n        - alice: { cancel: call, result: [Ok, AlreadyEnd] }\n        - bob:   { accept: call, result: [Ok, AlreadyEnd] }\n      outcomes:\n«        cancel wins:\n          - alice: { expect: localInvitationCanceled, of: call }\n          - bob:   { expect: remoteInvitationCanceled, of: call }\n        accept wins:\n          - alice: { expect: localInvitationAccepted, of: call }\n          - bob:   { expect: remoteInvitationAccepted, of: call }\n»",
    ),
    mended(
        "S028",
        "A text with a gap in it would be sent as it stands, and compared with itself.",
        "scenario: An example\ncovers: [ACC-1]\nusers: [alice, bob]\n«rows:\n  - { case: short, word: \"Yes\" }\n  - { case: long, word: \"On my way\" }\n»steps:\n  - alice: { create: call, callee: bob }\n  - alice: { send: call }\n  - bob:   { expect: remoteInvitationReceived, of: call }\n«  - bob:   { accept: call, response: \"${word}\" }\n»  - bob:   { expect: remoteInvitationAccepted, of: call }\n  - alice: { expect: localInvitationAccepted, of: call, response: \"${word}\" }\n",
    ),
    mended(
        "S029",
        "A value that nothing uses was meant for a demand that is not there.",
        "HEAD  - bob:   { accept: call, response: \"Yes\" }\n  - bob:   { expect: remoteInvitationAccepted, of: call }\n«  - alice: { expect: localInvitationAccepted, of: call, save: { response: words } }\n  - alice: { create: more, callee: bob, content: \"${words}\" }\n»  - alice: { cancel: more, result: NotStarted }\n",
    ),
    mended(
        "S030",
        "A demand that nothing can meet fails on every target, so that it says nothing about any.",
        "EXPIRED«  - bob:   { expect: remoteInvitationFailure, of: call, code: Expire, at: expiry }\n»  - alice: { expect: localInvitationFailure, of: call, code: Expire }\n",
    ),
    mended(
        "S031",
        "Everything after a step that cannot run is never reached.",
        "HEAD«  - bob:   drop\n  - bob:   reconnect\n»ANSWER",
    ),
    mended(
        "S032",
        "Steps that cannot be found cannot be played.",
        "scenario: An example\ncovers: [ACC-1]\nusers: [alice, bob]\nsteps:\n«  - include: scenarios/ringing.steps.yaml\n»ANSWER",
    ),
    mended(
        "S033",
        "A frame that never passes in that direction is never lost, and the scenario would prove nothing about its loss.",
        "HEAD«  - bob:   { lose: heard, frames: [remote_received] }\n»ANSWER",
    ),
    mended(
        "S034",
        "One style reads the same everywhere; an anchor would have to be taken apart to be kept.",
        "HEAD«  - bob:   { accept: call, response: \"On my way\" }\n»  - bob:   { expect: remoteInvitationAccepted, of: call }\n  - alice: { expect: localInvitationAccepted, of: call, response: \"On my way\" }\n",
    ),
    mended(
        "S035",
        "Coverage that is claimed and not exercised is the one number nobody checks again.",
        "scenario: An example\n«covers: [REF-1]\n»users: [alice, bob]\nsteps:\n  - alice: { create: call, callee: bob }\n  - alice: { send: call }\n  - bob:   { expect: remoteInvitationReceived, of: call }\n«  - bob:   { refuse: call }\n  - bob:   { expect: remoteInvitationRefused, of: call }\n  - alice: { expect: localInvitationRefused, of: call }\n»",
    ),
    mended(
        "S036",
        "An invitation that rings on when the scenario stops is neither right nor wrong.",
        "HEAD«ANSWER»",
    ),
];
