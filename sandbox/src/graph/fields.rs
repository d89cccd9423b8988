//! The language of `fields`: `id,media.limit(5){id,children{media_url}}`.

use super::Error;

/// How deep braces may nest; Meta's own limit is not documented.
const DEPTH: usize = 8;
/// How many fields a call may name in all.
const COUNT: usize = 1_000;

/// A field with its arguments and what is asked of the node behind it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Field {
    /// Its name.
    pub(crate) name: String,
    /// `.limit(5)` as `("limit", "5")`.
    pub(crate) arguments: Vec<(String, String)>,
    /// What stands in its braces; none if it has none.
    pub(crate) inner: Option<Vec<Field>>,
    /// The same, as written.
    pub(crate) inner_text: String,
}

impl Field {
    /// Returns an argument.
    pub(crate) fn argument(&self, name: &str) -> Option<&str> {
        self.arguments.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }
}

/// Reads a list of fields.
pub(crate) fn parse(text: &str) -> Result<Vec<Field>, Error> {
    let mut parser = Parser { text, place: 0, count: 0 };
    let fields = parser.list(0)?;
    if parser.place < text.len() {
        return Err(parser.error("Expected end of string"));
    }
    Ok(fields)
}

struct Parser<'a> {
    text: &'a str,
    place: usize,
    count: usize,
}

impl<'a> Parser<'a> {
    fn list(&mut self, depth: usize) -> Result<Vec<Field>, Error> {
        if depth > DEPTH {
            return Err(self.error("Field expansion is nested too deeply"));
        }
        let mut fields = Vec::new();
        loop {
            fields.push(self.field(depth)?);
            self.count += 1;
            if self.count > COUNT {
                return Err(self.error("Too many fields"));
            }
            if !self.take(',') {
                return Ok(fields);
            }
        }
    }

    fn field(&mut self, depth: usize) -> Result<Field, Error> {
        let mut field = Field { name: self.name()?, ..Field::default() };
        while self.take('.') {
            let name = self.name()?;
            if !self.take('(') {
                return Err(self.error("Expected \"(\""));
            }
            let value = self.until(')')?;
            field.arguments.push((name, value.trim().to_owned()));
        }
        if self.take('{') {
            let start = self.place;
            field.inner = Some(self.list(depth + 1)?);
            self.text[start..self.place].clone_into(&mut field.inner_text);
            if !self.take('}') {
                return Err(self.error("Expected \"}\""));
            }
        }
        Ok(field)
    }

    fn name(&mut self) -> Result<String, Error> {
        self.skip_spaces();
        let rest = self.rest();
        let len = rest.find(|char: char| !char.is_ascii_alphanumeric() && char != '_').unwrap_or(rest.len());
        if len == 0 {
            return Err(self.error("Expected name"));
        }
        self.place += len;
        Ok(rest[..len].to_owned())
    }

    fn until(&mut self, end: char) -> Result<&'a str, Error> {
        let rest = self.rest();
        let len = rest.find(end).ok_or_else(|| self.error(&format!("Expected \"{end}\"")))?;
        self.place += len + end.len_utf8();
        Ok(&rest[..len])
    }

    fn take(&mut self, char: char) -> bool {
        self.skip_spaces();
        let is_next = self.rest().starts_with(char);
        if is_next {
            self.place += char.len_utf8();
        }
        is_next
    }

    fn skip_spaces(&mut self) {
        let rest = self.rest();
        self.place += rest.len() - rest.trim_start().len();
    }

    fn rest(&self) -> &'a str {
        &self.text[self.place..]
    }

    fn error(&self, expected: &str) -> Error {
        Error::syntax(format!("Syntax error \"{expected}.\" at character {}: fields", self.place))
    }
}

#[cfg(test)]
mod tests {
    use super::{Field, parse};

    fn names(fields: &[Field]) -> Vec<&str> {
        fields.iter().map(|field| field.name.as_str()).collect()
    }

    #[test]
    fn fields_nest_and_take_arguments() {
        let fields = parse("a, b{c,d{e}},media.limit(5).after(QV=){id}").unwrap();

        assert_eq!(names(&fields), ["a", "b", "media"]);
        let inner = fields[1].inner.as_ref().unwrap();
        assert_eq!(names(inner), ["c", "d"]);
        assert_eq!(fields[1].inner_text, "c,d{e}");
        assert_eq!(fields[2].argument("limit"), Some("5"));
        assert_eq!(fields[2].argument("after"), Some("QV="));
    }

    #[test]
    fn what_is_no_list_of_fields_is_a_syntax_error() {
        let deep = "a{".repeat(5_000);
        for text in [
            "",
            ",",
            "a,",
            "a{",
            "a{}",
            "a}",
            "a{b",
            "a.limit",
            "a.limit(",
            "é",
            "a{b}}",
            "{a}",
            "a.(5)",
            deep.as_str(),
        ] {
            assert_eq!(parse(text).map_err(|error| error.code), Err(2500), "{text:.20}");
        }
    }
}
