use std::path::PathBuf;

use gatepost::{InventoryRoute, Org, PolicyText, Requirement};
use tempfile::TempDir;

use super::*;

const READ: Requirement = Requirement::new("chat", "read").org(Org::path("org"));
const UPDATE: Requirement = Requirement::new("chat", "update").org(Org::path("org"));

const CHATS: &str = "/orgs/{org}/chats";
const CHAT: &str = "/orgs/{org}/chats/{id}";

fn routes(requirement: &Requirement) -> Inventory {
    Inventory::new([
        InventoryRoute::requiring("GET", CHATS, requirement).at("src/main.rs:7"),
        InventoryRoute::requiring("PATCH", CHAT, &UPDATE),
        InventoryRoute::public("GET", "/healthz", "probes have no identity"),
    ])
}

/// A file of its own for each test, in a folder that is gone behind it.
struct File {
    path: PathBuf,
    _folder: TempDir,
}

impl File {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self {
            path: folder.path().join("routes.json"),
            _folder: folder,
        }
    }

    fn compare(&self, accepts: bool, routes: &Inventory) -> Result<(), String> {
        let golden = Golden {
            file: &self.path,
            what: ROUTES,
            accepts,
        };
        golden.routes(routes)
    }

    fn write(&self, text: &str) {
        std::fs::write(&self.path, text).unwrap();
    }

    fn read(&self) -> Option<String> {
        std::fs::read_to_string(&self.path).ok()
    }
}

#[test]
fn what_is_accepted_is_what_is_compared_with() {
    let file = File::new();
    assert_eq!(file.compare(true, &routes(&READ)), Ok(()));
    assert_eq!(file.compare(false, &routes(&READ)), Ok(()));
    let kept = file.read().unwrap();
    assert!(!kept.contains("main.rs"), "{kept}");
    // A line that has moved is no change.
    let moved = routes(&READ).without_sources();
    assert_eq!(file.compare(false, &moved), Ok(()));

    let why = file.compare(false, &routes(&UPDATE)).unwrap_err();
    assert!(
        why.contains("GET /orgs/{org}/chats: chat:read → chat:update"),
        "{why}"
    );
    assert!(why.contains("GATEPOST_ACCEPT=1"), "{why}");
    assert_eq!(
        file.read().unwrap(),
        kept,
        "only what is accepted is written"
    );
    assert_eq!(file.compare(true, &routes(&UPDATE)), Ok(()));
    assert_eq!(file.compare(false, &routes(&UPDATE)), Ok(()));
}

#[test]
fn what_is_laxer_stands_first() {
    let file = File::new();
    file.write(&routes(&READ).to_json());
    let opened = Inventory::new([
        InventoryRoute::requiring("GET", CHATS, &UPDATE),
        InventoryRoute::public("PATCH", CHAT, "everybody may"),
        InventoryRoute::public("GET", "/healthz", "probes have no identity"),
    ]);
    let why = file.compare(false, &opened).unwrap_err();
    let (laxer, other) = (why.find("(laxer)"), why.find("chat:read → chat:update"));
    assert!(laxer.is_some() && laxer < other, "{why}");
}

#[test]
fn a_file_that_is_missing_or_no_inventory_fails_and_says_so() {
    let file = File::new();
    let why = file.compare(false, &routes(&READ)).unwrap_err();
    assert!(why.starts_with("there is no `/"), "{why}");
    assert!(why.contains("GATEPOST_ACCEPT=1"), "{why}");
    assert_eq!(
        file.read(),
        None,
        "nothing is written unless it is asked for"
    );

    for text in ["", "{", "{\"version\": 2, \"routes\": []}"] {
        file.write(text);
        let why = file.compare(false, &routes(&READ)).unwrap_err();
        assert!(why.contains("the file is no inventory of routes"), "{why}");
    }
    // Whatever is there is replaced by what is accepted.
    assert_eq!(file.compare(true, &routes(&READ)), Ok(()));
    assert_eq!(file.compare(false, &routes(&READ)), Ok(()));
}

#[test]
fn what_could_not_be_read_again_is_not_written() {
    let file = File::new();
    let torn = Inventory::new([InventoryRoute::public("GET", "/", "two\nlines")]);
    for accepts in [false, true] {
        let why = file.compare(accepts, &torn).unwrap_err();
        assert!(why.contains("control character"), "{why}");
    }
    assert_eq!(file.read(), None);
}

#[test]
fn a_file_that_cannot_be_written_fails() {
    let golden = Golden {
        file: Path::new("/there/is/no/such/folder/routes.json"),
        what: ROUTES,
        accepts: true,
    };
    let why = golden.routes(&routes(&READ)).unwrap_err();
    assert!(why.contains("cannot be written"), "{why}");
}

#[test]
#[should_panic(expected = "no-such-folder")]
fn the_assertion_fails_by_a_panic() {
    assert_routes(&routes(&READ), "no-such-folder/routes.json");
}

#[test]
fn what_is_different_fails_even_if_no_change_is_told() {
    let file = File::new();
    let golden = Golden {
        file: &file.path,
        what: ROUTES,
        accepts: false,
    };
    let read = |text: &str| {
        Ok(Read {
            changes: String::new(),
            text: text.to_owned(),
        })
    };
    file.write("\u{feff}kept");
    assert_eq!(golden.compare("kept", read), Ok(()));
    let why = golden.compare("other", read).unwrap_err();
    assert!(why.contains("cannot be told in words"), "{why}");
}

#[test]
fn a_route_that_is_no_longer_in_an_org_fails_by_its_matrix() {
    const NOWHERE: Requirement = Requirement::new("chat", "read").org(Org::none());
    let file = File::new();
    let compare = |requirement, accepts| {
        let golden = Golden {
            file: &file.path,
            what: MATRIX,
            accepts,
        };
        golden.matrix(&policy("\"chat:read\""), &routes(requirement))
    };
    assert_eq!(compare(&READ, true), Ok(()));
    assert_eq!(compare(&READ, false), Ok(()));
    // How its lines end is how it was checked out.
    file.write(&file.read().unwrap().replace('\n', "\r\n"));
    assert_eq!(compare(&READ, false), Ok(()));
    let why = compare(&NOWHERE, false).unwrap_err();
    assert!(
        why.contains("asked in orgs → asked without an org"),
        "{why}"
    );
}

fn policy(grants: &str) -> PolicyDocument {
    let text = format!(
        "version = 1\n[resources]\nchat = [\"read\", \"update\"]\n\
         [site.gates.chat]\nswitch = \"on\"\naccess = \"everyone\"\n\
         [org_roles.guest]\nlevel = 10\ngrants = [{grants}]\n"
    );
    PolicyText::toml(text).parse().unwrap()
}

#[test]
fn a_matrix_is_compared_cell_by_cell() {
    let file = File::new();
    let compare = |accepts, policy: &PolicyDocument| {
        let golden = Golden {
            file: &file.path,
            what: MATRIX,
            accepts,
        };
        golden.matrix(policy, &routes(&READ))
    };
    let reviewed = policy("\"chat:read\"");
    let why = compare(false, &reviewed).unwrap_err();
    assert!(why.starts_with("there is no `"), "{why}");
    assert_eq!(compare(true, &reviewed), Ok(()));
    assert_eq!(compare(false, &reviewed), Ok(()));

    let why = compare(false, &policy("\"chat:update\"")).unwrap_err();
    let laxer = "  PATCH /orgs/{org}/chats/{id} chat:update, org unset, off, on, public: \
                 guest without a site role: org_grant_missing → allow  (laxer)\n";
    let stricter = "  GET /orgs/{org}/chats chat:read, org unset, off, on, public: \
                    guest without a site role: allow → org_grant_missing\n";
    assert!(why.contains(&format!("{laxer}{stricter}")), "{why}");
    assert!(why.contains("the matrix is not that of"), "{why}");

    file.write("gatepost-matrix 1 by roles\n  x\n");
    let why = compare(false, &reviewed).unwrap_err();
    assert!(why.contains("the file is no matrix: line 2: "), "{why}");
    let refused = PolicyText::toml("version = 1\n[site.gates.chat]\n");
    let why = compare(true, &refused.parse().unwrap()).unwrap_err();
    assert!(why.contains("no resource `chat`"), "{why}");
}
