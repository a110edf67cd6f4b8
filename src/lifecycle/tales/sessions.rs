//! Bad histories about log-ins and connections.

use super::good::{RINGS, SENT};
use super::tale::Tale;

pub(super) const TALES: &[Tale] = &[
    Tale {
        name: "a second device does not end the first",
        recipe: &[
            SENT,
            RINGS,
            "
            1000 bob#2 Connected
            8000 alice cancel c => 0
            8010 bob#1 remoteCanceled c
            8020 alice localCanceled c
        ",
        ],
        finds: "SES-1@8",
    },
    Tale {
        name: "a device that was away comes back beside the second log-in",
        recipe: &["
            0    bob#1 Connected
            1000 bob#1 Reconnecting
            2000 bob#2 Connected
            9000 bob#1 Connected
        "],
        finds: "SES-1@3",
    },
    Tale {
        name: "a device that was lost after the second log-in comes back and stays",
        recipe: &["
            0    bob#1 Connected
            2000 bob#2 Connected
            2001 bob#1 Reconnecting
            3000 bob#1 Connected
        "],
        finds: "SES-1@1",
    },
    Tale {
        name: "ended by a second log-in that nobody made",
        recipe: &[
            SENT,
            RINGS,
            "
            1000 bob Aborted
            8000 alice cancel c => 0
            8020 alice localCanceled c
        ",
        ],
        finds: "SES-1@8",
    },
    Tale {
        name: "a wrong state for a second log-in",
        recipe: &[
            SENT,
            RINGS,
            "
            1000 bob#2 Connected
            1001 bob#1 Aborted
            1002 alice Disconnected RemoteLogin
        ",
        ],
        finds: "SES-1@10",
    },
    Tale {
        name: "a callback at an ended log-in",
        recipe: &[
            SENT,
            RINGS,
            "
            1000 bob#2 Connected
            1001 bob#1 Aborted
            1010 bob#1 remoteCanceled c
            1100 alice cancel c => 0
            1200 alice localCanceled c
        ",
        ],
        finds: "SES-1@10",
    },
    Tale {
        name: "it rings on the first device after that was told of the second",
        recipe: &[
            SENT,
            "
            100  bob#2 Connected
            120  bob#2 remoteReceived c peer=alice content=hi channel=r
            125  bob#1 Aborted
            130  bob#1 remoteReceived c peer=alice content=hi channel=r
            140  alice localReceivedByPeer c
            2000 bob#2 accept c => 0
            2010 alice localAccepted c
            2020 bob#2 remoteAccepted c
        ",
        ],
        finds: "SES-1@9",
    },
    Tale {
        name: "it rings on the first device long after the second refused",
        recipe: &[
            SENT,
            "
            100  bob#2 Connected
            120  bob#2 remoteReceived c peer=alice content=hi channel=r
            122  bob#2 refuse c => 0
            123  bob#2 remoteRefused c
            140  alice localReceivedByPeer c
            150  alice localRefused c
            400  bob#1 remoteReceived c peer=alice content=hi channel=r
            410  bob#1 Aborted
        ",
        ],
        finds: "SES-3@13",
    },
    Tale {
        name: "it rings twice on the first device while the second has it",
        recipe: &[
            SENT,
            "
            100  bob#2 Connected
            120  bob#2 remoteReceived c peer=alice content=hi channel=r
            122  bob#1 remoteReceived c peer=alice content=hi channel=r
            124  bob#1 remoteReceived c peer=alice content=hi channel=r
            130  bob#1 Aborted
            140  alice localReceivedByPeer c
            2000 bob#2 accept c => 0
            2010 alice localAccepted c
            2020 bob#2 remoteAccepted c
        ",
        ],
        finds: "SEND-4@9",
    },
    Tale {
        name: "it rings anew on the first device, which the second has ended",
        recipe: &[
            SENT,
            RINGS,
            "
            1000 bob#2 Connected
            1002 bob#2 remoteReceived c peer=alice content=hi channel=r
            1004 bob#1 remoteReceived c peer=alice content=hi channel=r
            1010 bob#1 Aborted
            2000 bob#2 accept c => 0
            2010 alice localAccepted c
            2020 bob#2 remoteAccepted c
        ",
        ],
        finds: "SEND-4@10",
    },
    Tale {
        name: "another text rings on the first device while the second has it",
        recipe: &[
            SENT,
            "
            100  bob#2 Connected
            120  bob#2 remoteReceived c peer=alice content=hi channel=r
            125  bob#1 remoteReceived c peer=alice content=ho channel=r
            130  bob#1 Aborted
            140  alice localReceivedByPeer c
            2000 bob#2 accept c => 0
            2010 alice localAccepted c
            2020 bob#2 remoteAccepted c
        ",
        ],
        finds: "SEND-3@8",
    },
    Tale {
        name: "a lost connection that is called a log-out",
        recipe: &[
            SENT,
            RINGS,
            "
            1000 bob Disconnected Interrupted
            60130 alice localFailure c code=3
        ",
        ],
        finds: "SES-2@8",
    },
    Tale {
        name: "received again after a return",
        recipe: &[
            SENT,
            RINGS,
            "
            1000 bob Reconnecting
            2000 bob Connected
            2010 bob remoteReceived c content=hi channel=r
            3000 alice cancel c => 0
            3010 bob remoteCanceled c
            3020 alice localCanceled c
        ",
        ],
        finds: "SES-3@10",
    },
    Tale {
        name: "what was missed comes in another order",
        recipe: &["
            0    alice Connected
            0    bob   Connected
            100  bob   Reconnecting
            200  alice create a peer=bob => 0
            200  alice create b peer=bob => 0
            210  alice send a => 0
            220  alice send b => 0
            3000 bob   Connected
            3010 bob   remoteReceived b
            3011 bob   remoteReceived a
            3020 alice localReceivedByPeer b
            3021 alice localReceivedByPeer a
            4000 alice cancel a => 0
            4000 alice cancel b => 0
            4010 bob   remoteCanceled a
            4010 bob   remoteCanceled b
            4020 alice localCanceled a
            4020 alice localCanceled b
        "],
        finds: "SES-3@13",
    },
    Tale {
        name: "it rings at a new log-in after its end",
        recipe: &[
            SENT,
            RINGS,
            "
            1000 alice cancel c => 0
            1020 bob remoteCanceled c
            1040 alice localCanceled c
            1100 bob#1 Logout
            1200 bob#2 Connected
            1210 bob#2 remoteReceived c
        ",
        ],
        finds: "SES-3@14",
    },
    Tale {
        name: "a callback after the log-out",
        recipe: &[
            SENT,
            RINGS,
            "
            1000 bob Logout
            1100 alice cancel c => 0
            1110 bob remoteCanceled c
            1120 alice localCanceled c
        ",
        ],
        finds: "SES-4@11",
    },
    Tale {
        name: "the caller has gone, and it rings for ever",
        recipe: &[
            SENT,
            RINGS,
            "
            1000 alice Logout
        ",
        ],
        finds: "SES-5@6",
    },
    Tale {
        name: "a cancel without a log-in is admitted",
        recipe: &[
            SENT,
            RINGS,
            "
            1000 alice Logout
            1100 alice cancel c => 0
            1110 bob remoteCanceled c
        ",
        ],
        finds: "SES-6@10",
    },
    Tale {
        name: "a send without a log-in rings",
        recipe: &["
            0 alice Connecting
            0 bob Connected
            100 alice create c peer=bob => 0
            100 alice send c => 0
            110 bob remoteReceived c
        "],
        finds: "SES-6@6",
    },
    Tale {
        name: "it rings on a second device with another content",
        recipe: &[
            SENT,
            RINGS,
            "
            1000 bob#2 Connected
            1010 bob   Aborted
            1020 bob#2 remoteReceived c peer=alice content=bye channel=r state=1
            2000 bob#2 accept c => 0
            2010 alice localAccepted c state=3
            2020 bob#2 remoteAccepted c state=4
        ",
        ],
        finds: "SEND-3@10",
    },
    Tale {
        name: "confirmed although the caller's device was shut out before",
        recipe: &[
            SENT,
            RINGS,
            "
            500  alice#2 Connected
            510  alice#1 Aborted
            1000 bob     accept c => 0
            1040 bob     remoteAccepted c
        ",
        ],
        finds: "ACC-2@12",
    },
    Tale {
        name: "of two second log-ins only one ends the first",
        recipe: &["
            0    alice#1 Connected
            0    bob#1   Connected
            1000 alice#2 Connected
            1001 bob#2   Connected
            1010 alice#1 Aborted
        "],
        finds: "SES-1@3",
    },
    Tale {
        name: "ended by the server for another reason than a log-in",
        recipe: &["
            0    alice Connected
            1000 alice Aborted BannedByServer
        "],
        finds: "",
    },
    Tale {
        name: "it rings on a second device and never ends there",
        recipe: &[
            SENT,
            RINGS,
            "
            1000  bob#2 Connected
            1010  bob#1 Aborted
            1020  bob#2 remoteReceived c content=hi channel=r
            60130 alice localFailure c code=3
        ",
        ],
        finds: "FAIL-4@6",
    },
    Tale {
        name: "a history that stops before the first device is told",
        recipe: &["
            0    bob#1 Connected
            1000 bob#2 Connected
            end 1500
        "],
        finds: "?SES-1@1",
    },
];
