use super::*;
use crate::testing::Head;

/// A value, none, or a part of why there is an error.
type Expected = Result<Option<&'static str>, &'static str>;

fn assert_read<T: AsRef<str>>(read: Result<Option<T>, Denial>, expected: Expected, what: &str) {
    match (read, expected) {
        (Ok(read), Ok(expected)) => {
            assert_eq!(read.as_ref().map(AsRef::as_ref), expected, "{what}");
        }
        (Err(denial), Err(reason)) => {
            assert_eq!(denial.code(), gatepost::Code::BadRequest, "{what}");
            let said = denial.reason().unwrap();
            assert!(said.contains(reason), "{what}: {said}");
        }
        (read, _) => panic!("{what}: {:?}", read.map(|read| read.is_some())),
    }
}

#[test]
fn a_header_is_one_value_or_an_error() {
    let rows: [(&[&[u8]], Expected); 10] = [
        (&[], Ok(None)),
        (&[b"acme"], Ok(Some("acme"))),
        (&[b""], Ok(Some(""))),
        (&[b" acme "], Ok(Some(" acme "))),
        (&["ümlaut".as_bytes()], Ok(Some("ümlaut"))),
        (&[b"acme", b"acme"], Err("given twice")),
        (&[b"", b"acme"], Err("given twice")),
        (&[b"acme,globex"], Err("more than one value")),
        (&[b"acme,"], Err("more than one value")),
        (&[b"acme\xff"], Err("not UTF-8")),
    ];
    for (values, expected) in rows {
        let values: Vec<_> = values.iter().map(|value| ("x-org", *value)).collect();
        let mut head = Head::with(&values);
        head.headers.push(("x-other", b"other".to_vec()));
        assert_read(header(&head, "x-org"), expected, &format!("{values:?}"));
    }
}

#[test]
fn a_key_of_the_query_is_one_value_or_an_error() {
    let rows: [(&str, Expected); 22] = [
        ("", Ok(None)),
        ("&&", Ok(None)),
        ("orgs=acme&ORG=acme&xorg=acme&org[]=acme", Ok(None)),
        ("x=org=acme", Ok(None)),
        ("org=acme", Ok(Some("acme"))),
        ("a=1&org=acme&b=2", Ok(Some("acme"))),
        ("org", Ok(Some(""))),
        ("org=", Ok(Some(""))),
        ("org=a=b", Ok(Some("a=b"))),
        ("org=a;org=b", Ok(Some("a;org=b"))),
        ("org=a+b%20c", Ok(Some("a b c"))),
        ("org=%C3%BC", Ok(Some("ü"))),
        ("%6Frg=acme", Ok(Some("acme"))),
        ("org=acme&org=acme", Err("given twice")),
        ("org=acme&%6Frg=globex", Err("given twice")),
        ("org&org=acme", Err("given twice")),
        ("org=%FF", Err("not UTF-8")),
        ("org=%C3", Err("not UTF-8")),
        ("org=%", Err("not UTF-8")),
        ("org=%4", Err("not UTF-8")),
        ("org=%zz", Err("not UTF-8")),
        ("org=%2%35", Err("not UTF-8")),
    ];
    for (text, expected) in rows {
        assert_read(query(Some(text), "org"), expected, text);
    }
    assert_read(query(None, "org"), Ok(None), "no query");
}

#[test]
fn a_host_under_the_domain_names_one_label() {
    let rows: [(Option<&'static str>, &[&'static str], Expected); 27] = [
        (None, &[], Ok(None)),
        (None, &["acme.example.com"], Ok(Some("acme"))),
        (None, &["ACME.Example.COM"], Ok(Some("acme"))),
        (None, &["acme.example.com:8080"], Ok(Some("acme"))),
        (Some("acme.example.com"), &[], Ok(Some("acme"))),
        (
            Some("acme.example.com:443"),
            &["ACME.example.com:443"],
            Ok(Some("acme")),
        ),
        (None, &["example.com"], Ok(None)),
        (None, &["acmeexample.com"], Ok(None)),
        (None, &["acme.example.com.evil.test"], Ok(None)),
        (None, &["acme.example.com."], Ok(None)),
        (None, &["[::1]:8080"], Ok(None)),
        (None, &["127.0.0.1"], Ok(None)),
        (None, &[""], Ok(None)),
        (None, &["www.acme.example.com"], Err("more than one label")),
        (None, &[".example.com"], Err("more than one label")),
        (None, &["..example.com"], Err("more than one label")),
        (
            None,
            &["acme.example.com", "acme.example.com"],
            Err("given twice"),
        ),
        (
            Some("acme.example.com"),
            &["acme.example.com", "globex.example.com"],
            Err("given twice"),
        ),
        (
            Some("acme.example.com"),
            &["globex.example.com"],
            Err("two hosts"),
        ),
        (
            Some("acme.example.com"),
            &["acme.example.com:80"],
            Err("two hosts"),
        ),
        (Some("acme.example.com"), &[""], Err("two hosts")),
        (Some("root@acme.example.com"), &[], Err("no host name")),
        (
            None,
            &["evil.test:80@acme.example.com"],
            Err("no host name"),
        ),
        (None, &["acme.example.com:80:90"], Err("no host name")),
        (None, &["acme.example.com:99999"], Err("no host name")),
        (None, &["acme.example.com:"], Ok(Some("acme"))),
        (None, &["%61cme.example.com"], Err("no host name")),
    ];
    for (authority, hosts, expected) in rows {
        let headers: Vec<_> = hosts.iter().map(|host| ("host", host.as_bytes())).collect();
        let mut head = Head::with(&headers);
        head.authority = authority;
        head.is_http_2 = true;
        head.headers
            .push(("x-forwarded-host", b"root.example.com".to_vec()));
        let what = format!("{authority:?} {hosts:?}");
        assert_read(host_label(&head, "example.com"), expected, &what);
    }
    let mut head = Head::with(&[("host", b"globex.example.com")]);
    head.authority = Some("acme.example.com");
    let of_target = host_label(&head, "example.com");
    assert_read(
        of_target,
        Ok(Some("acme")),
        "an absolute target in HTTP/1.1",
    );
    let head = Head::with(&[("host", b"acme\xff.example.com")]);
    assert_read(host_label(&head, "example.com"), Err("not UTF-8"), "bytes");
}

#[test]
fn a_path_parameter_is_bound_to_one_value() {
    let rows: [(&[(&'static str, &'static str)], Expected); 6] = [
        (&[], Ok(None)),
        (&[("id", "acme")], Ok(None)),
        (&[("org", "acme"), ("id", "7")], Ok(Some("acme"))),
        (&[("org", "acme"), ("org", "acme")], Ok(Some("acme"))),
        (&[("org", "acme"), ("org", "globex")], Err("given twice")),
        (
            &[("org", ""), ("id", "7"), ("org", "acme")],
            Err("given twice"),
        ),
    ];
    for (params, expected) in rows {
        let mut head = Head {
            params: params.to_vec(),
            ..Head::default()
        };
        assert_read(path(&mut head, "org"), expected, &format!("{params:?}"));
        assert_eq!(paths(&mut head).is_err(), expected.is_err(), "{params:?}");
    }
    // What another parameter is bound to does not matter to the one asked for, but to all.
    let params = vec![("org", "acme"), ("id", "7"), ("id", "8")];
    let mut head = Head {
        params,
        ..Head::default()
    };
    assert_read(
        path(&mut head, "org"),
        Ok(Some("acme")),
        "the other one differs",
    );
    assert!(paths(&mut head).is_err());
}

#[test]
fn a_text_is_well_encoded_where_all_decoders_agree() {
    for text in [
        "", "acme", "a%20b", "%25", "%2525", "%C3%BC", "%c3%bc", "ü", "%00", "a+b",
    ] {
        assert!(is_well_encoded(text), "{text}");
    }
    for text in [
        "%",
        "a%",
        "%4",
        "%zz",
        "%2%35",
        "%%32",
        "%FF",
        "%C3",
        "%C3%28",
        "%ED%A0%80",
        "%C0%AF",
        "% 20",
        "%+1",
    ] {
        assert!(!is_well_encoded(text), "{text}");
    }
}
