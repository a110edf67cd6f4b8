//! Bad histories about objects and sends.

use super::good::{RINGS, SENT};
use super::tale::Tale;

pub(super) const TALES: &[Tale] = &[
    Tale {
        name: "sent without a create",
        recipe: &["
            100 alice send c peer=bob => 0
            120 bob remoteReceived c
        "],
        finds: "OBJ-1@0",
    },
    Tale {
        name: "a callback about what was never created",
        recipe: &["
            100 alice localAccepted c
        "],
        finds: "OBJ-1@0",
    },
    Tale {
        name: "created twice",
        recipe: &["
            100 alice create c peer=bob => 0
            110 alice create c peer=bob => 0
        "],
        finds: "OBJ-1@2",
    },
    Tale {
        name: "a create that fails",
        recipe: &["
            0 alice Connected
            100 alice create c peer=bob => 2
        "],
        finds: "OBJ-1@2",
    },
    Tale {
        name: "somebody else's cancel is admitted",
        recipe: &[
            SENT,
            RINGS,
            "
            500 carol cancel c => 0
            1000 alice cancel c => 0
            1020 bob remoteCanceled c
            1040 alice localCanceled c
        ",
        ],
        finds: "OBJ-1@9",
    },
    Tale {
        name: "confirmed before it was received",
        recipe: &[
            SENT,
            "
            200 bob remoteAccepted c
        ",
        ],
        finds: "OBJ-2@6",
    },
    Tale {
        name: "a second ending",
        recipe: &[
            SENT,
            RINGS,
            "
            1000 alice cancel c => 0
            1020 bob remoteCanceled c
            1040 alice localCanceled c
            1060 alice localCanceled c
        ",
        ],
        finds: "OBJ-3@12",
    },
    Tale {
        name: "a different second ending",
        recipe: &[
            SENT,
            RINGS,
            "
            1000 alice cancel c => 0
            1020 bob remoteCanceled c
            1040 alice localCanceled c
            1060 bob remoteFailure c code=3
        ",
        ],
        finds: "OBJ-3@12",
    },
    Tale {
        name: "it rings again after its end",
        recipe: &[
            SENT,
            RINGS,
            "
            1000 alice cancel c => 0
            1020 bob remoteCanceled c
            1040 alice localCanceled c
            1060 bob remoteReceived c
        ",
        ],
        finds: "OBJ-3@12",
    },
    Tale {
        name: "the state is still the old one",
        recipe: &[
            SENT,
            RINGS,
            "
            1000 alice cancel c => 0
            1020 bob remoteCanceled c state=0
            1040 alice localCanceled c state=5
        ",
        ],
        finds: "OBJ-4@10",
    },
    Tale {
        name: "the caller's number at the callee",
        recipe: &[
            SENT,
            RINGS,
            "
            1000 bob accept c => 0
            1020 alice localAccepted c state=3
            1040 bob remoteAccepted c state=3
        ",
        ],
        finds: "OBJ-4@11",
    },
    Tale {
        name: "the wrong caller",
        recipe: &[
            SENT,
            "
            120 bob remoteReceived c peer=carol content=hi channel=r
            140 alice localReceivedByPeer c
            1000 alice cancel c => 0
            1020 bob remoteCanceled c
            1040 alice localCanceled c
        ",
        ],
        finds: "OBJ-5@6",
    },
    Tale {
        name: "content written after the send arrives",
        recipe: &[
            SENT,
            "
            110 alice send c peer=bob content=new channel=r => 5
            120 bob remoteReceived c content=new channel=r
            140 alice localReceivedByPeer c
            1000 alice cancel c => 0
            1020 bob remoteCanceled c
            1040 alice localCanceled c
        ",
        ],
        finds: "OBJ-6@8",
    },
    Tale {
        name: "no content becomes some",
        recipe: &["
            100 alice create c peer=bob => 0
            100 alice send c => 0
            120 bob remoteReceived c content=null
            140 alice localReceivedByPeer c
            1000 alice cancel c => 0
            1020 bob remoteCanceled c
            1040 alice localCanceled c
        "],
        finds: "OBJ-7@4",
    },
    Tale {
        name: "the content arrives changed",
        recipe: &[
            SENT,
            "
            120 bob remoteReceived c content=ho channel=r
            140 alice localReceivedByPeer c
            1000 alice cancel c => 0
            1020 bob remoteCanceled c
            1040 alice localCanceled c
        ",
        ],
        finds: "SEND-3@6",
    },
    Tale {
        name: "the channel id is cut off",
        recipe: &[
            SENT,
            "
            120 bob remoteReceived c content=hi
            140 alice localReceivedByPeer c
            1000 alice cancel c => 0
            1020 bob remoteCanceled c
            1040 alice localCanceled c
        ",
        ],
        finds: "SEND-3@6",
    },
    Tale {
        name: "an answered invitation whose ack was never reported",
        recipe: &[
            SENT,
            "
            120 bob remoteReceived c content=hi channel=r
            1000 bob accept c => 0
            1020 alice localAccepted c
            1040 bob remoteAccepted c
        ",
        ],
        finds: "~SEND-1@9",
    },
    Tale {
        name: "a connected callee never hears",
        recipe: &[
            SENT,
            "
            30100 alice localFailure c code=2
        ",
        ],
        finds: "SEND-1@6",
    },
    Tale {
        name: "acked before it was received",
        recipe: &[
            SENT,
            "
            110 alice localReceivedByPeer c
            120 bob remoteReceived c content=hi channel=r
        ",
        ],
        finds: "SEND-2@6",
    },
    Tale {
        name: "acked and never received",
        recipe: &[
            SENT,
            "
            110 alice localReceivedByPeer c
        ",
        ],
        finds: "SEND-2@6",
    },
    Tale {
        name: "received twice",
        recipe: &[
            SENT,
            RINGS,
            "
            130 bob remoteReceived c content=hi channel=r
            1000 alice cancel c => 0
            1020 bob remoteCanceled c
            1040 alice localCanceled c
        ",
        ],
        finds: "SEND-4@8",
    },
    Tale {
        name: "acked twice",
        recipe: &[
            SENT,
            RINGS,
            "
            150 alice localReceivedByPeer c
            1000 alice cancel c => 0
            1020 bob remoteCanceled c
            1040 alice localCanceled c
        ",
        ],
        finds: "SEND-4@8",
    },
    Tale {
        name: "somebody else hears",
        recipe: &[
            SENT,
            RINGS,
            "
            500 carol remoteReceived c content=hi channel=r
            1000 alice cancel c => 0
            1020 bob remoteCanceled c
            1040 alice localCanceled c
        ",
        ],
        finds: "SEND-5@8",
    },
    Tale {
        name: "the callee's ack goes to somebody else",
        recipe: &[
            SENT,
            RINGS,
            "
            150 carol localReceivedByPeer c
            1000 alice cancel c => 0
            1020 bob remoteCanceled c
            1040 alice localCanceled c
        ",
        ],
        finds: "SEND-5@8",
    },
    Tale {
        name: "an accept of one invitation ends the other",
        recipe: &["
            100 alice create c peer=bob => 0
            100 alice send c => 0
            101 alice create d peer=bob => 0
            101 alice send d => 0
            110 bob remoteReceived c
            111 bob remoteReceived d
            112 alice localReceivedByPeer c
            113 alice localReceivedByPeer d
            120 bob accept c => 0
            130 alice localAccepted d
        "],
        finds: "SEND-6@14 ACC-3@12 AGR-8@2",
    },
    Tale {
        name: "crossing invitations are merged",
        recipe: &["
            100 alice create c peer=bob => 0
            100 alice send c => 0
            101 bob create d peer=alice => 0
            101 bob send d => 0
            110 bob remoteReceived c
            111 alice remoteReceived d
            112 alice localReceivedByPeer c
            113 bob localReceivedByPeer d
            120 bob accept c => 0
            130 alice localAccepted c
            140 bob remoteAccepted c
            150 bob localAccepted d
        "],
        finds: "SEND-7@16",
    },
    Tale {
        name: "inviting oneself is refused",
        recipe: &["
            0 alice Connected
            100 alice create c peer=alice => 0
            100 alice send c => 1
        "],
        finds: "SEND-8@4",
    },
    Tale {
        name: "the content arrives changed, and not as written later",
        recipe: &[
            SENT,
            "
            110 alice send c peer=bob content=new channel=r => 5
            120 bob   remoteReceived c content=ho channel=r
            140 alice localReceivedByPeer c
            200 alice cancel c => 0
            210 bob   remoteCanceled c
            220 alice localCanceled c
        ",
        ],
        finds: "SEND-3@8",
    },
];
