//! Key sets that are gone by, and those that are not.

use super::*;

/// How many keys of a set are gone by.
fn read(keys: &Value) -> Result<usize, KeyError> {
    let set = json!({ "keys": keys }).to_string();
    let keys = Keys::from_jwks(set.as_bytes())?;
    Ok(format!("{keys:?}").matches("Some(").count())
}

#[test]
fn a_key_is_for_one_algorithm() {
    let set: Value = serde_json::from_str(JWKS).unwrap();
    let [rsa, ec, ed] = [0, 1, 2].map(|index| &set["keys"][index]);
    let oct = &json!({"kty": "oct", "alg": "HS256", "kid": "s", "k": part(SECRET)});
    let short = json!(part([0xc5; 128]));
    let filled_up = json!(part([[0; 128], [0xc5; 128]].concat()));
    let left_out = [
        ("RSA without alg", rsa, "alg", Value::Null),
        ("RSA for encryption", rsa, "alg", json!("RSA-OAEP")),
        ("RSA for HS256", rsa, "alg", json!("HS256")),
        ("short RSA", rsa, "n", short),
        ("short RSA, filled up", rsa, "n", filled_up),
        ("long RSA", rsa, "n", json!(part([0xc5; 513]))),
        ("EC for RS256", ec, "alg", json!("RS256")),
        ("P-256 for ES384", ec, "alg", json!("ES384")),
        ("P-521", ec, "crv", json!("P-521")),
        (
            "EC on the curve of another kind",
            ec,
            "crv",
            json!("Ed25519"),
        ),
        ("EC without y", ec, "y", Value::Null),
        ("alg none", ed, "alg", json!("none")),
        ("not for signatures", ed, "use", json!("enc")),
        ("not for verifying", ed, "key_ops", json!(["encrypt"])),
        ("of an unknown kind", ed, "kty", json!("AKP")),
        ("a secret without alg", oct, "alg", Value::Null),
        ("a secret for RS256", oct, "alg", json!("RS256")),
        ("a short secret", oct, "k", json!(part("secret"))),
        ("a secret too short for HS512", oct, "alg", json!("HS512")),
    ];
    for (what, key, member, value) in left_out {
        assert_eq!(read(&json!([key])), Ok(1), "{what}");
        let mut changed = key.clone();
        changed[member] = value;
        assert_eq!(read(&json!([changed])), Err(KeyError::NoKey), "{what}");
        changed["kid"] = json!("changed");
        assert_eq!(read(&json!([key, changed])), Ok(1), "{what}");
    }
    assert_eq!(read(&json!([rsa, ec, ed])), Ok(3));
}

#[test]
fn a_set_that_is_broken_or_tells_a_secret_is_refused_whole() {
    let set: Value = serde_json::from_str(JWKS).unwrap();
    let [rsa, ec] = [0, 1].map(|index| &set["keys"][index]);
    let oct = json!({"kty": "oct", "alg": "HS256", "k": part(SECRET)});
    let mut same_id = ec.clone();
    same_id["kid"] = json!("rsa");
    let mut no_text = rsa.clone();
    no_text["kid"] = json!(7);
    let rows = [
        (json!([rsa, oct]), KeyError::PublishedSecret),
        (json!([rsa, {"kty": "oct"}]), KeyError::PublishedSecret),
        (json!([rsa, same_id]), KeyError::RepeatedId("rsa".into())),
        (json!([]), KeyError::NoKey),
        (json!([rsa, no_text]), KeyError::NotASet),
        (json!([["RSA"]]), KeyError::NotASet),
        (json!({"0": rsa}), KeyError::NotASet),
    ];
    for (keys, error) in rows {
        assert_eq!(read(&keys), Err(error), "{keys}");
    }
    for text in ["", "[]", "{}", &rsa.to_string(), r#"{"keys":[],"keys":[]}"#] {
        assert_eq!(
            Keys::from_jwks(text.as_bytes()).unwrap_err(),
            KeyError::NotASet,
            "{text}"
        );
    }
}
