//! Bad histories about cancels and the order of causes.

use super::good::{RINGS, SENT};
use super::tale::Tale;

pub(super) const TALES: &[Tale] = &[
    Tale {
        name: "the callee is not told of the cancel",
        recipe: &[
            SENT,
            RINGS,
            "
            1000 alice cancel c => 0
            11000 alice localCanceled c
        ",
        ],
        finds: "CAN-1@10",
    },
    Tale {
        name: "the cancel is confirmed to somebody else",
        recipe: &[
            SENT,
            RINGS,
            "
            1000 alice cancel c => 0
            1010 alice remoteCanceled c
            1020 bob remoteCanceled c
            1040 alice localCanceled c
        ",
        ],
        finds: "CAN-1@10",
    },
    Tale {
        name: "it rings long after a cancel",
        recipe: &[
            SENT,
            "
            200 alice cancel c => 0
            220 alice localCanceled c
            5000 bob remoteReceived c content=hi channel=r
        ",
        ],
        finds: "CAN-2@9",
    },
    Tale {
        name: "it rings for somebody who comes after the cancel",
        recipe: &["
            0 bob Connecting
            100 alice create c peer=bob => 0
            100 alice send c => 0
            200 alice cancel c => 0
            210 alice localCanceled c
            500 bob Connected
            510 bob remoteReceived c
        "],
        finds: "CAN-2@9",
    },
    Tale {
        name: "it rings just after a cancel and is never told",
        recipe: &[
            SENT,
            "
            200 alice cancel c => 0
            220 alice localCanceled c
            230 bob remoteReceived c content=hi channel=r
        ",
        ],
        finds: "CAN-2@9",
    },
    Tale {
        name: "the caller's cancel never ends",
        recipe: &[
            SENT,
            RINGS,
            "
            1000 alice cancel c => 0
            1020 bob remoteCanceled c
        ",
        ],
        finds: "CAN-3@8",
    },
    Tale {
        name: "the caller's cancel ends late",
        recipe: &[
            SENT,
            RINGS,
            "
            1000 alice cancel c => 0
            1020 bob remoteCanceled c
            11500 alice localCanceled c
        ",
        ],
        finds: "~CAN-3@11",
    },
    Tale {
        name: "a callee that returns is not told",
        recipe: &[
            SENT,
            RINGS,
            "
            1000 bob Reconnecting
            2000 alice cancel c => 0
            12000 alice localCanceled c
            15000 bob Connected
        ",
        ],
        finds: "CAN-4@11",
    },
    Tale {
        name: "a callee that returns is told late",
        recipe: &[
            SENT,
            RINGS,
            "
            1000 bob Reconnecting
            2000 alice cancel c => 0
            12000 alice localCanceled c
            15000 bob Connected
            30000 bob remoteCanceled c
        ",
        ],
        finds: "CAN-4@11",
    },
    Tale {
        name: "received without a send",
        recipe: &["
            0 bob Connected
            100 alice create c peer=bob => 0
            120 bob remoteReceived c
        "],
        finds: "ORD-2@3",
    },
    Tale {
        name: "received before the send",
        recipe: &["
            0 bob Connected
            100 alice create c peer=bob => 0
            120 bob remoteReceived c
            130 alice send c => 0
        "],
        finds: "ORD-2@3",
    },
    Tale {
        name: "a cancel that nobody made",
        recipe: &[
            SENT,
            RINGS,
            "
            1020 bob remoteCanceled c
        ",
        ],
        finds: "ORD-3@8",
    },
    Tale {
        name: "the caller's Canceled without a cancel",
        recipe: &[
            SENT,
            RINGS,
            "
            1020 alice localCanceled c
        ",
        ],
        finds: "ORD-3@8",
    },
    Tale {
        name: "the caller hears of its cancel first",
        recipe: &[
            SENT,
            RINGS,
            "
            1000 alice cancel c => 0
            1010 alice localCanceled c
            1020 bob remoteCanceled c
        ",
        ],
        finds: "ORD-3@10",
    },
    Tale {
        name: "accepted without an accept",
        recipe: &[
            SENT,
            RINGS,
            "
            1020 alice localAccepted c
        ",
        ],
        finds: "ORD-4@8",
    },
    Tale {
        name: "confirmed without an accept",
        recipe: &[
            SENT,
            RINGS,
            "
            1020 bob remoteAccepted c
        ",
        ],
        finds: "ORD-4@8",
    },
    Tale {
        name: "refused without a refuse",
        recipe: &[
            SENT,
            RINGS,
            "
            1020 alice localRefused c
        ",
        ],
        finds: "ORD-5@8",
    },
    Tale {
        name: "a refuse confirmed after an accept",
        recipe: &[
            SENT,
            RINGS,
            "
            1000 bob accept c => 0
            1020 bob remoteRefused c
            1030 alice localAccepted c
        ",
        ],
        finds: "ORD-5@10",
    },
    Tale {
        name: "acked after the end",
        recipe: &[
            SENT,
            "
            120 bob remoteReceived c content=hi channel=r
            200 alice cancel c => 0
            210 bob remoteCanceled c
            220 alice localCanceled c
            230 alice localReceivedByPeer c
        ",
        ],
        finds: "ORD-6@11",
    },
    Tale {
        name: "a clock that runs back",
        recipe: &[
            SENT,
            RINGS,
            "
            90 alice cancel c => 0
            1020 bob remoteCanceled c
            1040 alice localCanceled c
        ",
        ],
        finds: "ORD-1@8",
    },
    Tale {
        name: "a result without a call",
        recipe: &[
            SENT,
            RINGS,
            "
            900 alice result cancel c 0
            1000 alice cancel c => 0
            1020 bob remoteCanceled c
            1040 alice localCanceled c
        ",
        ],
        finds: "ORD-1@8",
    },
    Tale {
        name: "acked without a send",
        recipe: &["
            100 alice create c peer=bob => 0
            120 alice localReceivedByPeer c
        "],
        finds: "ORD-2@2",
    },
    Tale {
        name: "accepted by somebody else alone",
        recipe: &[
            SENT,
            RINGS,
            "
            500  carol accept c => 2
            1020 alice localAccepted c
        ",
        ],
        finds: "ORD-4@10",
    },
    Tale {
        name: "cancelled twice, and the second is told AlreadyEnd",
        recipe: &[
            SENT,
            RINGS,
            "
            1000 alice cancel c => 0
            1005 alice cancel c => 3
            1020 bob   remoteCanceled c
            1040 alice localCanceled c
        ",
        ],
        finds: "",
    },
    Tale {
        name: "an Accepted that nobody gave, beside another invitation that rings",
        recipe: &[
            SENT,
            RINGS,
            "
            200   alice create d peer=bob => 0
            200   alice send d => 0
            220   bob   remoteReceived d peer=alice
            240   alice localReceivedByPeer d
            1000  alice localAccepted d
            60140 alice localFailure c code=3
            60140 bob   remoteFailure c code=3
        ",
        ],
        finds: "ORD-4@14",
    },
];
