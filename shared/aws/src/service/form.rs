//! How a service wants to be asked, and how it answers.
//!
//! <https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html> and <https://smithy.io/2.0/aws/protocols/aws-query-protocol.html>

use std::str;

use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, OrchestratorError};
use aws_smithy_runtime_api::http::HttpError;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::error::ErrorMetadata;
use roxmltree::Document;
use serde_json::Value;

pub(crate) type Node<'a, 'input> = roxmltree::Node<'a, 'input>;

#[derive(Clone, Copy, Debug)]
pub(crate) enum Form {
    /// A JSON object, and the operation in a header, behind this name: `AWSOrganizationsV20161128`.
    Json { target: &'static str },
    /// The fields of a form; the answer is XML. The version is the day of the service's model: `2011-06-15`.
    Query { version: &'static str },
}

impl Form {
    pub(super) fn request(self, action: &str, body: Vec<u8>) -> Result<HttpRequest, HttpError> {
        let length = body.len().to_string();
        let mut request = HttpRequest::new(SdkBody::from(body));
        request.set_method("POST")?;
        request.set_uri("/")?;
        let kind = match self {
            Form::Json { target } => {
                request.headers_mut().try_insert("x-amz-target", format!("{target}.{action}"))?;
                "application/x-amz-json-1.1"
            }
            Form::Query { .. } => "application/x-www-form-urlencoded",
        };
        request.headers_mut().try_insert("content-type", kind)?;
        request.headers_mut().try_insert("content-length", length)?;
        Ok(request)
    }

    /// The body of a query.
    pub(super) fn fields(self, action: &str, fields: &[(&str, &str)]) -> String {
        let mut body = form_urlencoded::Serializer::new(String::new());
        body.append_pair("Action", action);
        if let Form::Query { version } = self {
            body.append_pair("Version", version);
        }
        body.extend_pairs(fields).finish()
    }
}

/// What came back, as it came; or AWS's error.
pub(super) fn answer(response: &HttpResponse) -> Result<SdkBody, OrchestratorError<ErrorMetadata>> {
    if response.status().is_success() {
        let body = response.body().try_clone();
        return body.ok_or_else(|| OrchestratorError::other("the body of the answer was not read"));
    }
    Err(OrchestratorError::operation(refusal(response)))
}

/// Hands the result of a query to `read`.
pub(super) fn result<T>(body: &[u8], read: impl FnOnce(Node<'_, '_>) -> T) -> Result<T, String> {
    let text = str::from_utf8(body).map_err(|error| error.to_string())?;
    let answer = Document::parse(text).map_err(|error| error.to_string())?;
    let result = answer.root_element().children().find(|node| node.tag_name().name().ends_with("Result"));
    result.map(read).ok_or_else(|| "it holds no result".to_owned())
}

/// The text of a member of an XML node; `None` where it is missing.
pub(crate) fn text(node: Node<'_, '_>, name: &str) -> Option<String> {
    Some(member(node, name)?.text().unwrap_or_default().to_owned())
}

pub(crate) fn member<'a, 'input>(node: Node<'a, 'input>, name: &str) -> Option<Node<'a, 'input>> {
    node.children().find(|child| child.tag_name().name() == name)
}

/// AWS's code and words, as far as there are any: a proxy may answer too.
fn refusal(response: &HttpResponse) -> ErrorMetadata {
    let body = response.body().bytes().and_then(|body| str::from_utf8(body).ok()).unwrap_or_default();
    let header = response.headers().get("x-amzn-errortype").map(str::to_owned);
    let (code, words) = of_json(body).or_else(|| of_xml(body)).unwrap_or_default();
    let mut refusal = ErrorMetadata::builder();
    if let Some(code) = header.or(code) {
        refusal = refusal.code(plain(&code));
    }
    if let Some(words) = words {
        refusal = refusal.message(words);
    }
    refusal.build()
}

type Told = (Option<String>, Option<String>);

fn of_json(body: &str) -> Option<Told> {
    let Ok(Value::Object(told)) = serde_json::from_str(body) else { return None };
    let first = |names: &[&str]| names.iter().find_map(|name| told.get(*name)?.as_str()).map(str::to_owned);
    Some((first(&["__type", "code"]), first(&["message", "Message", "errorMessage"])))
}

fn of_xml(body: &str) -> Option<Told> {
    let answer = Document::parse(body).ok()?;
    let error = answer.descendants().find(|node| node.tag_name().name() == "Error")?;
    Some((text(error, "Code"), text(error, "Message")))
}

/// `NotFound` of `com.amazonaws.sns#NotFound:http://internal.amazon.com/coral/`.
fn plain(code: &str) -> &str {
    let code = code.split(':').next().unwrap_or(code);
    code.rsplit('#').next().unwrap_or(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_and_the_words_of_a_refusal_are_read_in_each_form() {
        let header = Some("AccessDeniedException:http://internal.amazon.com/coral/");
        let table = [
            (r#"{"__type":"AccessDeniedException","message":"no"}"#, None, Some("AccessDeniedException"), Some("no")),
            (
                r#"{"__type":"com.amazonaws.kms#NotFoundException","Message":"no"}"#,
                None,
                Some("NotFoundException"),
                Some("no"),
            ),
            (r#"{"message":"no"}"#, header, Some("AccessDeniedException"), Some("no")),
            ("", header, Some("AccessDeniedException"), None),
            (
                "<ErrorResponse xmlns='https://sts.amazonaws.com/doc/2011-06-15/'><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>",
                None,
                Some("AccessDenied"),
                Some("no"),
            ),
            ("<html>Bad Gateway</html>", None, None, None),
            ("<html>", None, None, None),
            ("[]", None, None, None),
            ("", None, None, None),
        ];
        for (body, header, code, words) in table {
            let mut response = HttpResponse::new(400.try_into().unwrap(), SdkBody::from(body));
            if let Some(header) = header {
                response.headers_mut().insert("x-amzn-ErrorType", header);
            }
            let refusal = refusal(&response);
            assert_eq!((refusal.code(), refusal.message()), (code, words), "{body}");
        }
    }
}
