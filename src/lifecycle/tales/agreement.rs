//! Bad pairs of endings (section 9), unfinished histories and separate recorders.

use super::good::{RINGS, SENT};
use super::tale::Tale;

pub(super) const TALES: &[Tale] = &[
    Tale {
        name: "accepted against refused",
        recipe: &[
            SENT,
            RINGS,
            "
            1000 bob accept c
            1000 bob refuse c
            1010 bob result accept c 0
            1010 bob result refuse c 0
            1020 alice localAccepted c
            1040 bob remoteRefused c
        ",
        ],
        finds: "AGR-1@13",
    },
    Tale {
        name: "accepted against LocalOffline",
        recipe: &[
            SENT,
            RINGS,
            "
            1000 bob accept c response=yes => 0
            1020 alice localAccepted c response=yes
            1030 alice Reconnecting
            40000 alice Connected
        ",
        ],
        finds: "ACC-3@8",
    },
    Tale {
        name: "refused against cancelled",
        recipe: &[
            SENT,
            RINGS,
            "
            1000 alice cancel c => 0
            1001 bob refuse c => 0
            1020 alice localRefused c
            1040 bob remoteCanceled c
        ",
        ],
        finds: "AGR-2@13",
    },
    Tale {
        name: "cancelled against accepted",
        recipe: &[
            SENT,
            RINGS,
            "
            1000 bob accept c => 0
            1001 alice cancel c => 0
            1020 bob remoteAccepted c
            1040 alice localCanceled c
        ",
        ],
        finds: "AGR-3@13",
    },
    Tale {
        name: "failed against cancelled",
        recipe: &[
            SENT,
            "
            120 bob remoteReceived c content=hi channel=r
            30090 alice cancel c => 0
            30100 alice localFailure c code=2
            30110 bob remoteCanceled c
        ",
        ],
        finds: "AGR-4@10",
    },
    Tale {
        name: "expired against cancelled",
        recipe: &[
            SENT,
            RINGS,
            "
            60100 alice cancel c => 0
            60130 alice localFailure c code=3
            60140 bob remoteCanceled c
        ",
        ],
        finds: "AGR-5@11",
    },
    Tale {
        name: "expired against accepted",
        recipe: &[
            SENT,
            RINGS,
            "
            60100 bob accept c => 0
            60130 alice localFailure c code=3
            60140 bob remoteAccepted c
        ",
        ],
        finds: "AGR-6@11",
    },
    Tale {
        name: "accepted against AcceptFailure, nobody was away",
        recipe: &[
            SENT,
            RINGS,
            "
            1000 bob accept c response=yes => 0
            1020 alice localAccepted c response=yes
            6000 bob remoteFailure c code=2
        ",
        ],
        finds: "AGR-7@11",
    },
    Tale {
        name: "a caller left ringing after a failed accept",
        recipe: &[
            SENT,
            RINGS,
            "
            1000 bob accept c => 0
            6000 bob remoteFailure c code=2
        ",
        ],
        finds: "AGR-8@4",
    },
    Tale {
        name: "a history that stops while it rings",
        recipe: &[
            SENT,
            RINGS,
            "
            1000 bob Connected
            end 5000
        ",
        ],
        finds: "?FAIL-4@7 ?FAIL-4@6",
    },
    Tale {
        name: "a history that stops after the send",
        recipe: &[
            SENT,
            "
            end 5000
        ",
        ],
        finds: "?FAIL-3@4",
    },
    Tale {
        name: "a history that stops during a call",
        recipe: &[
            SENT,
            RINGS,
            "
            1000 alice cancel c
            1020 bob remoteCanceled c
            1040 alice localCanceled c
            end 1100
        ",
        ],
        finds: "~API-17@10 ?API-6@8",
    },
    Tale {
        name: "a callee that never returns",
        recipe: &[
            SENT,
            RINGS,
            "
            1000 bob Reconnecting
            2000 alice cancel c => 0
            12000 alice localCanceled c
        ",
        ],
        finds: "?CAN-4@11",
    },
    Tale {
        name: "confirmed while the caller's connection is down",
        recipe: &[
            SENT,
            RINGS,
            "
            1000 alice Reconnecting
            2000 bob accept c => 0
            2010 bob remoteAccepted c
            3000 alice Connected
            3010 alice localAccepted c
        ",
        ],
        finds: "ACC-2@11",
    },
    Tale {
        name: "separate recorders, accepted without an accept",
        recipe: &["
            order per-user
            0 bob remoteReceived c content=hi
            100 alice create c peer=bob content=hi => 0
            100 alice send c => 0
            130 alice localReceivedByPeer c
            1000 alice localAccepted c
        "],
        finds: "ORD-4@6",
    },
    Tale {
        name: "separate recorders, content changed",
        recipe: &["
            order per-user
            0 bob remoteReceived c content=ho
            50 bob accept c => 0
            70 bob remoteAccepted c
            100 alice create c peer=bob content=hi => 0
            100 alice send c => 0
            130 alice localReceivedByPeer c
            1000 alice localAccepted c
        "],
        finds: "SEND-3@0",
    },
    Tale {
        name: "separate recorders, somebody else hears",
        recipe: &["
            order per-user
            0 carol remoteReceived c
            100 alice create c peer=bob => 0
            100 alice send c => 0
            130 alice localReceivedByPeer c
        "],
        finds: "SEND-5@0",
    },
    Tale {
        name: "separate recorders, cancelled against a callee left ringing",
        recipe: &["
            order per-user
            0 bob remoteReceived c
            100 alice create c peer=bob => 0
            100 alice send c => 0
            130 alice localReceivedByPeer c
            200 alice cancel c => 0
            300 alice localCanceled c
            70000 bob watches
        "],
        finds: "CAN-1@8",
    },
    Tale {
        name: "separate recorders, refused against accepted",
        recipe: &["
            order per-user
            0 bob remoteReceived c
            100 bob accept c
            100 bob refuse c
            110 bob result accept c 0
            110 bob result refuse c 0
            120 bob remoteAccepted c
            100 alice create c peer=bob => 0
            100 alice send c => 0
            130 alice localReceivedByPeer c
            200 alice localRefused c
        "],
        finds: "AGR-2@11",
    },
    Tale {
        name: "separate recorders, the callee's ends too soon to say",
        recipe: &["
            order per-user
            1 bob remoteReceived c
            1000000 alice create c peer=bob => 0
            1000000 alice send c => 0
            1000100 alice localReceivedByPeer c
            1060100 alice localFailure c code=3
            1100000 alice watches
        "],
        finds: "?FAIL-4@0",
    },
    Tale {
        name: "separate recorders, expired at once at the callee",
        recipe: &["
            order per-user
            1000000 bob remoteReceived c
            1010000 bob remoteFailure c code=3
            100     alice create c peer=bob => 0
            100     alice send c => 0
            200     alice localReceivedByPeer c
            60200   alice localFailure c code=3
        "],
        finds: "FAIL-4@1",
    },
    Tale {
        name: "separate recorders, a caller left ringing",
        recipe: &["
            order per-user
            1 bob remoteReceived c
            2 bob refuse c => 0
            3 bob remoteRefused c
            1000000 alice create c peer=bob => 0
            1000000 alice send c => 0
            1000100 alice localReceivedByPeer c
            1300000 alice watches
        "],
        finds: "REF-1@3",
    },
    Tale {
        name: "separate recorders, only the caller's was kept",
        recipe: &["
            order per-user
            100 alice create c peer=bob => 0
            100 alice send c => 0
            130 alice localReceivedByPeer c
            200 alice localAccepted c
        "],
        finds: "?SEND-1@-",
    },
    Tale {
        name: "separate recorders, only the callee's was kept",
        recipe: &["
            order per-user
            100 bob remoteReceived c
            200 bob accept c => 0
            210 bob remoteAccepted c
        "],
        finds: "?SEND-1@-",
    },
    Tale {
        name: "separate recorders, only the callee's was kept, and it never ends",
        recipe: &["
            order per-user
            100   bob remoteReceived c peer=alice
            90000 bob watches
        "],
        finds: "FAIL-4@0 ?SEND-1@-",
    },
    Tale {
        name: "separate recorders, an end out of the blue",
        recipe: &["
            order per-user
            100 alice create c peer=bob => 0
            100 alice send c => 0
            130 alice localReceivedByPeer c
            200 alice cancel c => 3
            300 alice cancel c => 0
            400 alice localCanceled c
            0 bob remoteReceived c
            100 bob remoteCanceled c
        "],
        finds: "API-6@6",
    },
    Tale {
        name: "separate recorders, somebody else hears after the callee",
        recipe: &["
            order per-user
            100 alice create c peer=bob => 0
            100 alice send c => 0
            130 alice localReceivedByPeer c
            200 alice cancel c => 0
            300 alice localCanceled c
            0   bob   remoteReceived c
            100 bob   remoteCanceled c
            0   carol remoteReceived c
        "],
        finds: "SEND-5@10",
    },
    Tale {
        name: "accepted against refused, and the history ends",
        recipe: &[
            SENT,
            RINGS,
            "
            1000 bob   accept c
            1000 bob   refuse c
            1010 bob   result accept c 0
            1010 bob   result refuse c 0
            1020 alice localAccepted c
            1040 bob   remoteRefused c
            end 1060
        ",
        ],
        finds: "AGR-1@13",
    },
    Tale {
        name: "separate recorders, the callee is lost long after the expiry",
        recipe: &["
            order per-user
            0     bob Connected
            100   bob remoteReceived c peer=alice
            90000 bob Reconnecting
        "],
        finds: "FAIL-4@1 ?SEND-1@-",
    },
    Tale {
        name: "separate recorders, the callee returns at once and is lost long after the expiry",
        recipe: &["
            order per-user
            0     bob Connected
            100   bob remoteReceived c peer=alice
            200   bob Reconnecting
            1000  bob Connected
            90000 bob Reconnecting
        "],
        finds: "FAIL-4@1 ?SEND-1@-",
    },
];
