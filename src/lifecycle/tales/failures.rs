//! Bad histories about accepts, refuses, failures and their clocks.

use super::good::{RINGS, SENT, SENT_UNKNOWN};
use super::tale::Tale;

pub(super) const TALES: &[Tale] = &[
    Tale {
        name: "the response arrives changed",
        recipe: &[
            SENT,
            RINGS,
            "
            1000 bob accept c response=yes => 0
            1020 alice localAccepted c response=no
            1040 bob remoteAccepted c
        ",
        ],
        finds: "ACC-1@10",
    },
    Tale {
        name: "the caller is confirmed in the callee's place",
        recipe: &[
            SENT,
            RINGS,
            "
            1000 bob accept c response=yes => 0
            1020 alice localAccepted c response=yes
            1030 alice remoteAccepted c
            1040 bob remoteAccepted c
        ",
        ],
        finds: "ACC-1@11",
    },
    Tale {
        name: "confirmed although the caller never took it",
        recipe: &[
            SENT,
            RINGS,
            "
            1000 bob accept c => 0
            1040 bob remoteAccepted c
        ",
        ],
        finds: "ACC-2@10",
    },
    Tale {
        name: "confirmed although the caller was away",
        recipe: &[
            SENT,
            RINGS,
            "
            500 alice Reconnecting
            1000 bob accept c => 0
            1040 bob remoteAccepted c
        ",
        ],
        finds: "ACC-2@11",
    },
    Tale {
        name: "an accept that never ends",
        recipe: &[
            SENT,
            RINGS,
            "
            1000 bob accept c => 0
        ",
        ],
        finds: "ACC-3@8 AGR-8@4",
    },
    Tale {
        name: "an accept that fails early",
        recipe: &[
            SENT,
            RINGS,
            "
            1000 bob accept c => 0
            3000 bob remoteFailure c code=2
            3010 alice localFailure c code=3
        ",
        ],
        finds: "ACC-3@10 FAIL-4@11",
    },
    Tale {
        name: "an accept that fails a little late",
        recipe: &[
            SENT,
            RINGS,
            "
            1000 bob accept c => 0
            6500 bob remoteFailure c code=2
            6510 alice localFailure c code=3
        ",
        ],
        finds: "~ACC-3@10",
    },
    Tale {
        name: "AcceptFailure although the caller is offline",
        recipe: &[
            SENT,
            RINGS,
            "
            500 alice Logout
            1000 bob accept c => 0
            6000 bob remoteFailure c code=2
        ",
        ],
        finds: "ACC-4@11",
    },
    Tale {
        name: "an accept to nobody that never ends",
        recipe: &[
            SENT,
            RINGS,
            "
            500 alice Logout
            1000 bob accept c => 0
        ",
        ],
        finds: "ACC-4@9",
    },
    Tale {
        name: "LocalOffline although the caller is there",
        recipe: &[
            SENT,
            RINGS,
            "
            1000 bob accept c => 0
            6000 bob remoteFailure c code=1
            6010 alice localFailure c code=3
        ",
        ],
        finds: "ACC-3@10",
    },
    Tale {
        name: "the accept failed, and the caller takes it",
        recipe: &[
            SENT,
            RINGS,
            "
            1000 bob accept c => 0
            6000 bob remoteFailure c code=2
            6200 alice localAccepted c
        ",
        ],
        finds: "ACC-5@11",
    },
    Tale {
        name: "the accept failed, the caller takes it at once, and stays",
        recipe: &[
            SENT,
            RINGS,
            "
            1000 bob accept c => 0
            6000 bob remoteFailure c code=2
            6004 alice localAccepted c
            9000 alice Logout
        ",
        ],
        finds: "ACC-5@11",
    },
    Tale {
        name: "it rings, if only for a moment, at a log-in that was asked for after the end",
        recipe: &["
            0     alice Connected
            100   alice create c peer=bob content=hi => 0
            100   alice send c content=hi => 0
            30100 alice localFailure c code=1
            30101 bob   Connecting
            30102 bob   Connected
            30103 bob   remoteReceived c peer=alice content=hi
            30104 bob   remoteFailure c code=3
        "],
        finds: "FAIL-6@8",
    },
    Tale {
        name: "the accept failed, the caller takes it, and only then is cut off",
        recipe: &[
            SENT,
            RINGS,
            "
            1000 bob accept c => 0
            6000 bob remoteFailure c code=2
            6200 alice localAccepted c
            6210 alice Reconnecting
        ",
        ],
        finds: "ACC-5@11",
    },
    Tale {
        name: "an accept that came to nothing is called an expiry at both sides",
        recipe: &[
            SENT,
            RINGS,
            "
            1000 bob accept c => 0
            6000 bob remoteFailure c code=3
            6010 alice localFailure c code=3
        ",
        ],
        finds: "AGR-6@11",
    },
    Tale {
        name: "a failure after the log-out",
        recipe: &[
            SENT,
            "
            1000 alice Logout
            30100 alice localFailure c code=1
        ",
        ],
        finds: "SES-4@7",
    },
    Tale {
        name: "the refusal's response arrives changed",
        recipe: &[
            SENT,
            RINGS,
            "
            1000 bob refuse c response=no => 0
            1020 bob remoteRefused c
            1040 alice localRefused c response=yes
        ",
        ],
        finds: "REF-1@11",
    },
    Tale {
        name: "the caller never hears of the refuse",
        recipe: &[
            SENT,
            RINGS,
            "
            1000 bob refuse c => 0
            1020 bob remoteRefused c
        ",
        ],
        finds: "REF-1@10",
    },
    Tale {
        name: "the refuse is confirmed to the caller",
        recipe: &[
            SENT,
            RINGS,
            "
            1000 bob refuse c => 0
            1020 alice remoteRefused c
            1030 bob remoteRefused c
            1040 alice localRefused c
        ",
        ],
        finds: "REF-1@10",
    },
    Tale {
        name: "a refuse that never ends",
        recipe: &[
            SENT,
            RINGS,
            "
            1000 bob refuse c => 0
            1020 alice localRefused c
        ",
        ],
        finds: "REF-1@8",
    },
    Tale {
        name: "a refuse that waits for the caller to come back",
        recipe: &[
            SENT,
            RINGS,
            "
            900  alice Reconnecting
            1000 bob refuse c => 0
            20000 alice Connected
            20010 bob remoteRefused c
            20020 alice localRefused c
        ",
        ],
        finds: "REF-2@9",
    },
    Tale {
        name: "RemoteOffline although the callee is there",
        recipe: &[
            SENT,
            "
            30100 alice localFailure c code=1
        ",
        ],
        finds: "FAIL-3@6",
    },
    Tale {
        name: "RemoteOffline before the end of the window",
        recipe: &["
            0 alice Connected
            0 bob Connecting
            100 alice create c peer=bob => 0
            100 alice send c => 0
            20000 alice localFailure c code=1
        "],
        finds: "FAIL-1@6",
    },
    Tale {
        name: "silence about an offline callee",
        recipe: &["
            0 alice Connected
            0 bob Connecting
            100 alice create c peer=bob => 0
            100 alice send c => 0
        "],
        finds: "FAIL-1@4",
    },
    Tale {
        name: "a callee that logs in and hears nothing",
        recipe: &["
            0 alice Connected
            0 bob Connecting
            100 alice create c peer=bob => 0
            100 alice send c => 0
            5000 bob Connected
            30100 alice localFailure c code=2
        "],
        finds: "FAIL-2@6",
    },
    Tale {
        name: "a callee that logs in and hears late",
        recipe: &["
            0 alice Connected
            0 bob Connecting
            100 alice create c peer=bob => 0
            100 alice send c => 0
            5000 bob Connected
            6500 bob remoteReceived c
            6510 alice localReceivedByPeer c
            7000 alice cancel c => 0
            7010 bob remoteCanceled c
            7020 alice localCanceled c
        "],
        finds: "~FAIL-2@7",
    },
    Tale {
        name: "silence about a silent callee",
        recipe: &[
            SENT,
            "

        ",
        ],
        finds: "FAIL-3@4",
    },
    Tale {
        name: "RemoteNoResponse early",
        recipe: &[
            SENT_UNKNOWN,
            "
            20000 alice localFailure c code=2
        ",
        ],
        finds: "FAIL-3@4",
    },
    Tale {
        name: "RemoteNoResponse although the callee is offline",
        recipe: &["
            0 alice Connected
            0 bob Connecting
            100 alice create c peer=bob => 0
            100 alice send c => 0
            30100 alice localFailure c code=2
        "],
        finds: "FAIL-1@6",
    },
    Tale {
        name: "RemoteNoResponse after the ack",
        recipe: &[
            SENT,
            RINGS,
            "
            30100 alice localFailure c code=2
            30110 bob remoteFailure c code=3
        ",
        ],
        finds: "FAIL-3@8",
    },
    Tale {
        name: "expired early",
        recipe: &[
            SENT,
            RINGS,
            "
            40000 alice localFailure c code=3
            40000 bob remoteFailure c code=3
        ",
        ],
        finds: "FAIL-4@8",
    },
    Tale {
        name: "expired early at the callee",
        recipe: &[
            SENT,
            RINGS,
            "
            40000 bob remoteFailure c code=3
            60120 alice localFailure c code=3
        ",
        ],
        finds: "FAIL-4@8",
    },
    Tale {
        name: "never expired",
        recipe: &[
            SENT,
            RINGS,
            "

        ",
        ],
        finds: "FAIL-4@7 FAIL-4@6",
    },
    Tale {
        name: "expired late",
        recipe: &[
            SENT,
            RINGS,
            "
            62000 alice localFailure c code=3
            62000 bob remoteFailure c code=3
        ",
        ],
        finds: "~FAIL-4@8 ~FAIL-4@9",
    },
    Tale {
        name: "expired without an ack",
        recipe: &[
            SENT,
            "
            60120 alice localFailure c code=3
        ",
        ],
        finds: "FAIL-3@4",
    },
    Tale {
        name: "silence after a send without a log-in",
        recipe: &["
            0 alice Connecting
            100 alice create c peer=bob => 0
            100 alice send c => 0
        "],
        finds: "FAIL-5@3",
    },
    Tale {
        name: "NotLoggedIn although logged in",
        recipe: &[
            SENT,
            "
            1000 alice localFailure c code=4
        ",
        ],
        finds: "FAIL-5@6",
    },
    Tale {
        name: "another failure after a send without a log-in",
        recipe: &["
            0 alice Connecting
            100 alice create c peer=bob => 0
            100 alice send c => 0
            200 alice localFailure c code=1
        "],
        finds: "FAIL-5@5",
    },
    Tale {
        name: "a callee left ringing after a failure",
        recipe: &[
            SENT,
            "
            120 bob remoteReceived c content=hi channel=r
            30100 alice localFailure c code=2
        ",
        ],
        finds: "FAIL-6@7",
    },
    Tale {
        name: "it rings after it failed",
        recipe: &[
            SENT_UNKNOWN,
            "
            30100 alice localFailure c code=2
            35000 bob remoteReceived c
        ",
        ],
        finds: "FAIL-6@5",
    },
    Tale {
        name: "a failure with a code of the other side",
        recipe: &[
            SENT,
            RINGS,
            "
            60130 alice localFailure c code=3
            60130 bob remoteFailure c code=4
        ",
        ],
        finds: "FAIL-7@9 AGR-5@9",
    },
    Tale {
        name: "a failure without a code",
        recipe: &[
            SENT,
            RINGS,
            "
            60130 alice localFailure c code=3
            60130 bob remoteFailure c
        ",
        ],
        finds: "FAIL-7@9 AGR-5@9",
    },
    Tale {
        name: "RemoteOffline although the callee came back within its grace",
        recipe: &[
            SENT,
            "
            120   bob   remoteReceived c content=hi channel=r
            200   bob   Reconnecting
            10000 bob   Connected
            30100 alice localFailure c code=1
            30110 bob   remoteFailure c code=3
        ",
        ],
        finds: "FAIL-3@9",
    },
    Tale {
        name: "a history that stops after a send without a log-in",
        recipe: &["
            0   alice Connecting
            100 alice create c peer=bob => 0
            100 alice send c => 0
            end 500
        "],
        finds: "?FAIL-5@3",
    },
    Tale {
        name: "a callee that logs in hears of one of two",
        recipe: &["
            0     alice Connected
            0     bob   Connecting
            100   alice create c peer=bob => 0
            100   alice send c => 0
            110   alice create d peer=bob => 0
            110   alice send d => 0
            5000  bob   Connected
            5010  bob   remoteReceived c
            5020  alice localReceivedByPeer c
            5100  alice cancel c => 0
            5110  bob   remoteCanceled c
            5120  alice localCanceled c
            30110 alice localFailure d code=2
        "],
        finds: "FAIL-2@10",
    },
    Tale {
        name: "RemoteOffline although the callee is in its grace",
        recipe: &[
            SENT,
            "
            120   bob   remoteReceived c content=hi channel=r
            20000 bob   Reconnecting
            30100 alice localFailure c code=1
            30200 bob   Connected
            30210 bob   remoteFailure c code=3
        ",
        ],
        finds: "FAIL-3@8",
    },
];
