use super::*;
use crate::impact::Impact;
use crate::inventory::Inventory;
use crate::policy::PolicyText;

#[test]
fn whoever_is_not_counted_is_told_by_either_policy() {
    let policy = |more: &str| {
        let text = format!(
            "version = 1\nsite.roles.admin = {{ all_orgs = true, grants = [] }}\nsite.roles.guest.grants = []\n{more}"
        );
        PolicyText::toml(text).compile(1).unwrap()
    };
    let left_out = |before: &str, after: &str| {
        let (before, after) = (policy(before), policy(after));
        let impact = Impact::between(&before, &after, &Inventory::default(), 100).unwrap();
        assert!(impact.is_nothing());
        let told = impact.left_out;
        assert_eq!(told.is_nobody(), told == ImpactLeftOut::default());
        (told.all_orgs_subjects, told.public_orgs, told.agents)
    };
    let root = "subjects.root.site_roles = [\"admin\"]\n";
    let agent = "subjects.bot.kind = \"agent\"\n";
    let open = "orgs.club.visibility = \"public\"\n";
    for (one, other, want) in [
        ("", "", (0, 0, 0)),
        ("subjects.ann.site_roles = [\"guest\"]", "", (0, 0, 0)),
        (root, "", (1, 0, 0)),
        (root, root, (1, 0, 0)),
        (agent, root, (1, 0, 1)),
        (agent, open, (0, 1, 1)),
        (open, "orgs.club.status = \"suspended\"", (0, 1, 0)),
        // Whoever is suspended by both is answered the same by both.
        (
            "subjects.root = { site_roles = [\"admin\"], status = \"suspended\", kind = \"agent\" }",
            "",
            (0, 0, 0),
        ),
        (
            "orgs.club = { visibility = \"public\", status = \"suspended\" }",
            "",
            (0, 0, 0),
        ),
        // A public org under a private one is not public.
        (
            "orgs.club = { visibility = \"public\", parent = \"closed\" }\norgs.closed = {}",
            "",
            (0, 0, 0),
        ),
    ] {
        assert_eq!(left_out(one, other), want, "{one} / {other}");
        assert_eq!(left_out(other, one), want, "{other} / {one}");
    }
}
