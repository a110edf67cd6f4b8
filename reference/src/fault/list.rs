//! Every deviation by name, with the requirement that it breaks.

/// Where a deviation acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// At the server's edge: what it is told and what it tells.
    Server,
    /// In the server's clocks, which are not those that it announces.
    Clock,
    /// At both edges.
    Both,
    /// At the client's edge: the results of its calls and its callbacks.
    Client,
}

/// The deviations and their tables.
macro_rules! faults {
    ($($variant:ident $name:literal $requirement:literal $place:ident $sentence:literal;)*) => {
        /// A deviation from the lifecycle.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Fault {
            $(#[doc = $sentence] $variant,)*
        }

        impl Fault {
            /// Every deviation, in the order of the lifecycle document.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// Its name.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// The deviation of that name.
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$variant),)* _ => None }
            }

            /// The requirement that it breaks.
            pub fn requirement(self) -> &'static str {
                match self { $(Self::$variant => $requirement,)* }
            }

            /// Where it acts.
            pub fn place(self) -> Place {
                match self { $(Self::$variant => Place::$place,)* }
            }

            /// What it does.
            pub fn sentence(self) -> &'static str {
                match self { $(Self::$variant => $sentence,)* }
            }
        }
    };
}

faults! {
    UncreatedHeardOf "uncreated-heard-of" "OBJ-1" Client "The caller is also called back about an invitation that nobody created.";
    RingHidden "ring-hidden" "OBJ-2" Client "The callee's Received is kept back, and what follows is told.";
    LocalEndsTwice "local-ends-twice" "OBJ-3" Client "The caller's ending comes twice.";
    RemoteEndsTwice "remote-ends-twice" "OBJ-3" Client "The callee's ending comes twice.";
    LocalEndsAgainDifferently "local-ends-again-differently" "OBJ-3" Client "The caller is told Canceled after any ending.";
    StateBehind "state-behind" "OBJ-4" Client "The state read in a callback is the one before it.";
    StatesSwapped "states-swapped" "OBJ-4" Client "The state numbers 3 and 4 are those of the other side.";
    CallerMisnamed "caller-misnamed" "OBJ-5" Server "Received names the callee as the caller.";
    WritingGoesOut "writing-goes-out" "OBJ-6" Both "What is written after the send is sent by a second send.";
    EmptyBecomesNull "empty-becomes-null" "OBJ-7" Server "No content arrives as the text `null`.";

    RingDropped "ring-dropped" "SEND-1" Server "The callee is never rung.";
    PeerAckDropped "peer-ack-dropped" "SEND-1" Server "The caller never gets ReceivedByPeer.";
    AckedByServer "acked-by-server" "SEND-2" Server "The server tells ReceivedByPeer itself when it takes the invitation.";
    ContentLost "content-lost" "SEND-3" Server "The content arrives empty.";
    ContentAltered "content-altered" "SEND-3" Server "The content arrives with a byte more.";
    ChannelLost "channel-lost" "SEND-3" Server "The channel id arrives empty.";
    TextsSwapped "texts-swapped" "SEND-3" Server "Content and channel id arrive in each other's place.";
    RingTwice "ring-twice" "SEND-4" Client "Received comes twice.";
    PeerAckTwice "peer-ack-twice" "SEND-4" Client "ReceivedByPeer comes twice.";
    ShownToStranger "shown-to-a-stranger" "SEND-5" Server "Another user is rung as well.";
    FoundByPair "found-by-pair" "SEND-6" Server "An answer or cancel goes to another open invitation of the same two users.";
    GlareMerged "glare-merged" "SEND-7" Server "An accept accepts the invitation of the opposite direction as well.";
    OneselfRefused "oneself-refused" "SEND-8" Client "Inviting oneself is InvalidArgument.";

    CancelUntold "cancel-untold" "CAN-1" Server "The callee never hears of a cancel.";
    CanceledRings "canceled-rings" "CAN-2" Server "A cancelled invitation rings when the callee logs in.";
    CancelLost "cancel-lost" "CAN-3" Server "The server takes no notice of a cancel.";
    CancelHostage "cancel-held-hostage" "CAN-3" Clock "A cancel waits far too long for the callee.";
    MissedCancelForgotten "missed-cancel-forgotten" "CAN-4" Server "A callee that was away during the cancel never hears of it.";

    AcceptUntold "accept-untold" "ACC-2" Server "The accept is confirmed, and the caller never hears of it.";
    AcceptResponseLost "accept-response-lost" "ACC-1" Server "Accepted comes without the callee's response.";
    AcceptResponseAltered "accept-response-altered" "ACC-1" Server "Accepted comes with another response.";
    ConfirmedEarly "confirmed-early" "ACC-2" Server "The callee is confirmed before the caller has taken the accept.";
    AcceptFailureEarly "accept-failure-early" "ACC-3" Clock "An accept fails before its limit.";
    AcceptFailureLate "accept-failure-late" "ACC-3" Clock "An accept fails long after its limit.";
    AcceptFailureUntold "accept-failure-untold" "ACC-3" Server "A callee whose accept failed for want of an ack is not told.";
    AcceptFailureMiscalled "accept-failure-miscalled" "ACC-3" Server "AcceptFailure comes as LocalOffline.";
    LocalOfflineMiscalled "local-offline-miscalled" "ACC-4" Server "LocalOffline comes as AcceptFailure.";
    LocalOfflineUntold "local-offline-untold" "ACC-4" Server "A callee whose accept failed for want of a caller is not told.";
    AcceptedAfterFailing "accepted-after-failing" "ACC-5" Server "A caller that missed a failed accept is told Accepted.";

    RefuseUntold "refuse-untold" "REF-1" Server "The caller never hears of a refuse.";
    RefuseUnconfirmed "refuse-unconfirmed" "REF-1" Server "The callee never gets Refused.";
    RefuseResponseLost "refuse-response-lost" "REF-1" Server "Refused comes without the callee's response.";
    RefuseWaits "refuse-waits" "REF-2" Server "A refuse is not confirmed while the caller's connection is lost.";

    OfflineEarly "offline-early" "FAIL-1" Clock "RemoteOffline comes before the end of the window.";
    OfflineLate "offline-late" "FAIL-1" Clock "RemoteOffline comes long after the end of the window.";
    OfflineMiscalled "offline-miscalled" "FAIL-1" Server "RemoteOffline comes as RemoteNoResponse.";
    NotRungOnLogin "not-rung-on-login" "FAIL-2" Server "A callee that logs in within the window is not rung.";
    NoResponseEarly "no-response-early" "FAIL-3" Clock "RemoteNoResponse comes before its limit.";
    NoResponseLate "no-response-late" "FAIL-3" Clock "RemoteNoResponse comes long after its limit.";
    NoResponseMiscalled "no-response-miscalled" "FAIL-3" Server "RemoteNoResponse comes as RemoteOffline.";
    ExpiryEarly "expiry-early" "FAIL-4" Clock "An invitation expires before its time.";
    ExpiryLate "expiry-late" "FAIL-4" Clock "An invitation expires long after its time.";
    ExpiryUntold "expiry-untold" "FAIL-4" Server "The callee is not told of the expiry.";
    NotLoggedInSilent "not-logged-in-silent" "FAIL-5" Client "A send without log-in is met with silence.";
    RingsOn "rings-on" "FAIL-6" Server "What failed for the caller rings on at a callee whose ack was lost.";
    FailedRings "failed-rings" "FAIL-6" Server "A failed invitation rings when the callee logs in.";

    SendMisjudged "send-misjudged" "API-1" Client "A good first send is AlreadySent.";
    BadSendSent "bad-send-sent" "API-2" Client "A send refused for its texts goes out all the same, cut to their limits.";
    SecondSendTaken "second-send-taken" "API-3" Client "A second send is Ok.";
    SendAfterEndTaken "send-after-end-taken" "API-4" Client "A send after the end is Ok.";
    IdleCancelTaken "idle-cancel-taken" "API-5" Client "A cancel before the send is Ok.";
    CancelMisjudged "cancel-misjudged" "API-6" Client "A cancel between send and end is NotStarted.";
    CancelAfterEndTaken "cancel-after-end-taken" "API-7" Client "A cancel after the end is Ok.";
    AcceptMisjudged "accept-misjudged" "API-8" Client "An accept while it rings is NotStarted.";
    SecondAcceptTaken "second-accept-taken" "API-9" Client "A second accept is Ok.";
    AcceptAfterAcceptedTaken "accept-after-accepted-taken" "API-10" Client "An accept after Accepted is Ok.";
    AcceptAfterEndTaken "accept-after-end-taken" "API-11" Client "An accept after another ending is Ok.";
    RefuseMisjudged "refuse-misjudged" "API-12" Client "A refuse while it rings is NotStarted.";
    RefuseAfterAcceptTaken "refuse-after-accept-taken" "API-13" Client "A refuse after an accept is Ok.";
    RefuseAfterEndTaken "refuse-after-end-taken" "API-14" Client "A refuse after the end is Ok.";
    StrangersAnswerTaken "strangers-answer-taken" "API-15" Client "An answer to what was never received is Ok.";
    OverlongAnswerSent "overlong-answer-sent" "API-16" Client "An answer refused for its response goes out all the same.";
    CallbackBeforeResult "callback-before-result" "API-17" Client "A callback comes before the call that causes it has come back.";

    PrematureInvite "premature-invite" "ORD-2" Client "An invitation goes out when it is created.";
    CanceledAtOnce "canceled-at-once" "ORD-3" Server "The caller gets Canceled before a callee that is there.";
    AcceptedByNobody "accepted-by-nobody" "ORD-4" Server "The caller gets Accepted when it begins to ring.";
    ConfirmedByNobody "confirmed-by-nobody" "ORD-4" Server "The callee gets Accepted when it begins to ring.";
    RefusedByNobody "refused-by-nobody" "ORD-5" Server "The caller gets Refused when it begins to ring.";
    PeerAckAfterEnd "peer-ack-after-end" "ORD-6" Client "ReceivedByPeer comes again after the ending.";

    AcceptedAgainstExpired "accepted-against-expired" "AGR-1" Server "The callee of an accepted invitation gets Expire.";
    RefusedAgainstExpired "refused-against-expired" "AGR-2" Server "The callee of a refused invitation gets Expire.";
    CanceledAgainstExpired "canceled-against-expired" "AGR-3" Server "The callee of a cancelled invitation gets Expire.";
    FailedAgainstRefused "failed-against-refused" "AGR-4" Server "A refuse of what has failed for the caller is confirmed.";
    ExpiredAgainstRefused "expired-against-refused" "AGR-5" Server "A refuse of what has expired for the caller is confirmed.";
    AcceptFailureAgainstExpired "accept-failure-against-expired" "AGR-6" Server "A callee whose accept failed gets Expire.";
    AckIgnored "ack-ignored" "AGR-7" Server "The caller's ack of the accept counts for nothing.";
    LeftRinging "left-ringing" "AGR-8" Server "A caller is never told that an accept came to nothing.";

    SecondLoginUnnoticed "second-login-unnoticed" "SES-1" Server "A second log-in does not end the first.";
    LossMiscalled "loss-miscalled" "SES-2" Client "A lost connection is Disconnected.";
    ToldAgainOnReturn "told-again-on-return" "SES-3" Client "What a user has heard is told again on its return.";
    HeardAfterLogout "heard-after-logout" "SES-4" Client "A callback comes after the log-out.";
    RingsWithoutCaller "rings-without-caller" "SES-5" Server "What a caller that has gone left behind rings on.";
    LoginNotNeeded "login-not-needed" "SES-6" Client "A cancel or answer without a log-in is Ok.";

    LongestTextRefused "longest-text-refused" "LIM-1" Client "A content of 8,192 bytes is InvalidArgument.";
    LongerTextTaken "longer-text-taken" "LIM-1" Client "A content of 8,193 bytes is Ok.";
    LongestChannelRefused "longest-channel-refused" "LIM-2" Client "A channel id of 64 bytes is InvalidArgument.";
    LongerChannelTaken "longer-channel-taken" "LIM-2" Client "A channel id of 65 bytes is Ok.";
    LongestUserRefused "longest-user-refused" "LIM-3" Client "A callee id of 64 bytes is InvalidArgument.";
    BadUserTaken "bad-user-taken" "LIM-3" Client "A malformed callee id is Ok.";
}
