//! XML.

use super::*;

#[test]
fn xml() {
    let bomb = "<!DOCTYPE a [<!ENTITY a 'aaaaaaaaaaaaaaaaaaaa'>".to_owned()
        + &"bcdefghi".chars().zip("abcdefgh".chars()).fold(String::new(), |text, (name, inner)| {
            text + &format!("<!ENTITY {name} '{}'>", format!("&{inner};").repeat(10))
        });
    assert_kinds(
        "a.xml",
        &[
            ("<a/>", OK),
            (
                "<?xml version=\"1.0\" encoding='UTF-8' standalone=\"yes\"?>\n<!-- a - b --><a b='1' c=\">\">x<b/>]]&gt;</a>\n<?p x?>\n",
                OK,
            ),
            ("<a><![CDATA[<b>]]]]></a>", OK),
            ("<a>&lt;&#65;&#x41;&amp;</a>", OK),
            ("<\u{e9}l\u{e9}ment x:y='1'/>", OK),
            ("<!DOCTYPE a [<!ENTITY e 'v'><!-- don't --><!ELEMENT a ANY><?p '?>]><a b='&e;'>&e;</a>", OK),
            ("<!DOCTYPE a [<!ENTITY e '<b>&#38;#60;</b>'>]><a>&e;</a>", OK),
            ("<!DOCTYPE a [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><a>&e;</a>", OK),
            ("<!DOCTYPE html PUBLIC '-//W3C//DTD XHTML 1.0//EN' 'x.dtd'><html>&nbsp;</html>", OK),
            ("<!DOCTYPE a [<!ELEMENT a (#PCDATA|b)*><!ELEMENT c ((d, e?)+ | f)><!NOTATION n PUBLIC 'p'>]><a/>", OK),
            ("<!DOCTYPE a [<!ATTLIST a b (x | y) 'x' c CDATA #IMPLIED d NOTATION (n) #FIXED 'n'>]><a/>", OK),
            ("<!DOCTYPE a [<!ELEMENT a>]><a/>", SYNTAX),
            ("<!DOCTYPE a [<!ELEMENT a (b>]><a/>", SYNTAX),
            ("<!DOCTYPE a [<!ATTLIST a b STRING 'x'>]><a/>", SYNTAX),
            ("<!DOCTYPE a [<!NOTATION n 'x'>]><a/>", SYNTAX),
            ("<tides><t>1</t>", CUT),
            ("<a", CUT),
            ("<a b='1", CUT),
            ("<a><!-- ", CUT),
            ("<a>&am", CUT),
            ("<?xml version='1.0'?>", CUT),
            ("<!DOCTYPE a [", CUT),
            ("hello", SYNTAX),
            ("<a></b>", SYNTAX),
            ("</a>", SYNTAX),
            ("<a/><b/>", SYNTAX),
            ("<a/>x", SYNTAX),
            ("<a/>&amp;", SYNTAX),
            ("<a b='1' b='2'/>", SYNTAX),
            ("<a b='1'c='2'/>", SYNTAX),
            ("<a b=1/>", SYNTAX),
            ("<a b/>", SYNTAX),
            ("<a b='<'/>", SYNTAX),
            ("<a b='&x;'/>", SYNTAX),
            ("<a>&x;</a>", SYNTAX),
            ("<a>& b</a>", SYNTAX),
            ("<a>a & b; c</a>", SYNTAX),
            ("<a>&#0;</a>", SYNTAX),
            ("<a>&#xFFFE;</a>", SYNTAX),
            ("<a>&#+65;</a>", SYNTAX),
            ("<a>\u{1}</a>", SYNTAX),
            ("<a>\u{ffff}</a>", SYNTAX),
            ("<a>]]></a>", SYNTAX),
            ("<a><!-- -- --></a>", SYNTAX),
            ("<a><!-- ---></a>", SYNTAX),
            ("<1a/>", SYNTAX),
            ("< a/>", SYNTAX),
            ("<a><a/", CUT),
            ("<a / >", SYNTAX),
            (" <?xml version='1.0'?><a/>", SYNTAX),
            ("<?xml encoding='UTF-8'?><a/>", SYNTAX),
            ("<?xml version='1.0' standalone='yes' encoding='UTF-8'?><a/>", SYNTAX),
            ("<?xml version='1.0'?><?xml version='1.0'?><a/>", SYNTAX),
            ("<!DOCTYPE a><?xml version='1.0'?><a/>", SYNTAX),
            ("<!----><?xml version='1.0'?><a/>", SYNTAX),
            ("<a/><!DOCTYPE a>", SYNTAX),
            ("<!DOCTYPE a><!DOCTYPE a><a/>", SYNTAX),
            ("<!DOCTYPE a [<!ENTITY e '<b>'>]><a>&e;</b></a>", SYNTAX),
            ("<!DOCTYPE a [<!ENTITY e '</a>'>]><a>&e;", SYNTAX),
            ("<!DOCTYPE a [<!ENTITY e '&f;'><!ENTITY f '&e;'>]><a>&e;</a>", SYNTAX),
            ("<!DOCTYPE a [<!ENTITY e '&e;'>]><a b='&e;'/>", SYNTAX),
            ("<!DOCTYPE a [<!ENTITY e '<'>]><a b='&e;'/>", SYNTAX),
            ("<!DOCTYPE a [<!ENTITY e>]><a/>", SYNTAX),
            ("<!DOCTYPE a [<!ENTITY % p '&#37;p;'> %p;]><a/>", SYNTAX),
            ("<!DOCTYPE a [<!ENTITY % p '&lt;!ELEMENT a ANY>'> %p;]><a/>", SYNTAX),
            ("<!DOCTYPE a [<!ENTITY % p '<!ELEMENT a ANY>'> %p;]><a/>", OK),
            (&format!("{bomb}]><a>&i;</a>"), Some(Kind::Bomb)),
            (&format!("{bomb}]><a b='&i;'/>"), Some(Kind::Bomb)),
            (&format!("{bomb}]><a>&a;</a>"), OK),
            ("{\"a\": 1}", Some(Kind::Mismatch)),
        ],
    );
    assert_eq!(kind("a.xml", "<a>".repeat(50) + &"</a>".repeat(50)), OK);
    assert_eq!(kind("a.xml", "<a>".repeat(1_000_000)), Some(Kind::Limit));
    assert_eq!(kind("a.xml", format!("<a b='{}'/>", "x".repeat(5000))), Some(Kind::Limit));
}

#[test]
fn cards_in_xml() {
    let table = [
        ("<a><card><no>4000004427083831</no></card></a>", &["/a/card/no"][..]),
        ("<a><x cardNumber='4000004427083831'/></a>", &["/a/x/@cardNumber"]),
        ("<a>card &#52;000004427083831</a>", &["/a"]),
        ("<a>card <![CDATA[4000004427083831]]></a>", &["/a"]),
        ("<a><!-- card 4000004427083831 --></a>", &["/a"]),
        ("<card>4000004427083831<!--1--></card>", &["/card"]),
        ("<a>card<b/><n>4000004427083831</n></a>", &["/a/n"]),
        ("<!DOCTYPE a [<!ENTITY e '4000004427083831'>]><card>&e;</card>", &["/card"]),
        ("<a>card 400000<b/>4427083831</a>", &["/a"]),
        ("<a><card>400000<b>4427083831</b></card></a>", &["/a/card/b"]),
        ("<card><n>40000044</n><n>27083831</n></card>", &[]),
        ("<a><card/><n>4000004427083831</n></a>", &[]),
        ("<a><n>4000004427083831</n></a>", &[]),
    ];
    for (text, places) in table {
        assert_eq!(cards("a.xml", text).1, places, "{text}");
    }
}

#[test]
fn declarations() {
    assert_kinds(
        "a.xml",
        &[
            ("<!DOCTYPE a [<!ELEMENT a ( ( b ? , c )+ | d* | ( e | f ) )* >]><a/>", SYNTAX),
            ("<!DOCTYPE a [<!ELEMENT a ( ( b? , c )+ | d* | ( e | f ) )* ><!ELEMENT b ( #PCDATA ) >]><a/>", OK),
            ("<!DOCTYPE a [<!ELEMENT a ((b)*, c?)><!ELEMENT b (#PCDATA)*><!ELEMENT c (#PCDATA | b | c )*>]><a/>", OK),
            ("<!DOCTYPE a [<!ELEMENT a (b, c | d)>]><a/>", SYNTAX),
            ("<!DOCTYPE a [<!ELEMENT a ((b, c) | d, e)>]><a/>", SYNTAX),
            ("<!DOCTYPE a [<!ELEMENT a ()>]><a/>", SYNTAX),
            ("<!DOCTYPE a [<!ELEMENT a b>]><a/>", SYNTAX),
            ("<!DOCTYPE a [<!ELEMENT a (b))>]><a/>", SYNTAX),
            ("<!DOCTYPE a [<!ELEMENT a (b c)>]><a/>", SYNTAX),
            ("<!DOCTYPE a [<!ELEMENT a (b) *>]><a/>", SYNTAX),
            ("<!DOCTYPE a [<!ELEMENT a (b|#PCDATA)*>]><a/>", SYNTAX),
            ("<!DOCTYPE a [<!ELEMENT a (#PCDATA|b)>]><a/>", SYNTAX),
            ("<!DOCTYPE a [<!ELEMENT a (#PCDATA|(b))*>]><a/>", SYNTAX),
            ("<!DOCTYPE a [<!ELEMENT a (#PCDATA|b*)*>]><a/>", SYNTAX),
            ("<!DOCTYPE a [<!ELEMENT a (#PCDATA,b)*>]><a/>", SYNTAX),
            ("<!DOCTYPE a [<!ATTLIST a b ( 1 | -x ) '1' c NOTATION (n|m) 'n'>]><a/>", OK),
            ("<!DOCTYPE a [<!ATTLIST a b (x,y) 'x'>]><a/>", SYNTAX),
            ("<!DOCTYPE a [<!ATTLIST a b (x|y)* 'x'>]><a/>", SYNTAX),
            ("<!DOCTYPE a [<!ATTLIST a b () 'x'>]><a/>", SYNTAX),
            ("<!DOCTYPE a [<!ATTLIST a b NOTATION (1) '1'>]><a/>", SYNTAX),
            ("<!DOCTYPE a PUBLIC '-//A//B (c)\n 1.0//EN' 'd'><a/>", OK),
            ("<!DOCTYPE a PUBLIC '{a}' 'd'><a/>", SYNTAX),
            ("<!DOCTYPE a PUBLIC '\t' 'd'><a/>", SYNTAX),
            ("<!DOCTYPE a [<!NOTATION n PUBLIC '\u{e9}'>]><a/>", SYNTAX),
            ("<!DOCTYPE a [<!ENTITY e PUBLIC '<' 'd'>]><a/>", SYNTAX),
        ],
    );
}

#[test]
fn what_entities_may_stand_for() {
    assert_kinds(
        "a.xml",
        &[
            // What is elsewhere may not be in an attribute.
            ("<!DOCTYPE a [<!ENTITY e SYSTEM 'd'>]><a b='&e;'/>", SYNTAX),
            ("<!DOCTYPE a [<!ENTITY e SYSTEM 'd'><!ENTITY f '&e;'>]><a b='&f;'/>", SYNTAX),
            ("<!DOCTYPE a [<!ENTITY e SYSTEM 'd'><!ATTLIST a b CDATA '&e;'>]><a/>", SYNTAX),
            ("<!DOCTYPE a SYSTEM 'd' [<!ENTITY e 'x'>]><a b='&e;&f;'/>", OK),
            ("<!DOCTYPE a [<!ENTITY e 'x'><!ATTLIST a b CDATA '&e;&lt;&#65;'>]><a/>", OK),
            ("<!DOCTYPE a [<!ATTLIST a b CDATA '&e;'><!ENTITY e 'x'>]><a/>", SYNTAX),
            ("<!DOCTYPE a SYSTEM 'd' [<!ATTLIST a b CDATA '&e;'><!ENTITY e 'x'>]><a/>", OK),
            // What the document says that it has.
            ("<?xml version='1.0' standalone='no'?><!DOCTYPE a SYSTEM 'd'><a>&e;</a>", OK),
            ("<?xml version='1.0' standalone='yes'?><!DOCTYPE a SYSTEM 'd'><a>&e;</a>", SYNTAX),
            ("<?xml version='1.0' standalone='yes'?><!DOCTYPE a SYSTEM 'd'><a b='&e;'/>", SYNTAX),
            ("<!DOCTYPE a [<!ENTITY % p \"<!ENTITY e 'x'>\">%p;]><a>&e;&f;</a>", OK),
            ("<!DOCTYPE a [<!ENTITY % p ''>]><a>&f;</a>", SYNTAX),
        ],
    );
}
