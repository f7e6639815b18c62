//! What a part of a picture has packed.

use crate::codecs::inflate::{Inflated, Inflater};
use crate::pass::Budget;
use crate::verdict::{Fault, Kind};

/// How long a text may be, in bytes.
const LONGEST: usize = 4 << 20;

/// The text of a part `zTXt` or `iTXt` of a PNG, unpacked: with its kind and its keyword before it.
pub(crate) fn text_of_png(part: &[u8], budget: &Budget) -> Result<Vec<u8>, Fault> {
    let mut fields = part.splitn(2, |&byte| byte == 0);
    let (keyword, rest) = (fields.next().unwrap_or_default(), fields.next().unwrap_or_default());
    let mut plain = [keyword, b": "].concat();
    // One byte for the method; or two, the language, and the keyword in it.
    let packed = match rest {
        [0, packed @ ..] => packed,
        [1, 0, names @ ..] => names.splitn(3, |&byte| byte == 0).nth(2).unwrap_or_default(),
        _ => return Ok(plain),
    };
    unpack(packed, &mut plain, budget)?;
    Ok(plain)
}

/// What is broken is no text that any viewer shows.
fn unpack(mut packed: &[u8], plain: &mut Vec<u8>, budget: &Budget) -> Result<(), Fault> {
    let (mut inflater, mut piece) = (Inflater::zlib(), vec![0; 8 << 10]);
    while let Ok(Inflated::Bytes(read)) = inflater.read(&mut packed, &mut piece) {
        budget.expand(read, inflater.input(), inflater.output())?;
        if plain.len() > LONGEST {
            let what = format!("a picture with a packed text of more than {LONGEST} bytes (save it without its texts)");
            return Err(Fault::new(Kind::Limit, what, 0));
        }
        plain.extend_from_slice(&piece[..read]);
    }
    Ok(())
}
