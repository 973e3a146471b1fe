//! Security schemes, servers, media types and what else stands around the schemas.

use serde_json::{Map, Value, json};

use super::Draw;

const MEDIA: [&str; 13] = [
    "application/json",
    "application/vnd.api+json; charset=utf-8",
    "application/x-www-form-urlencoded",
    "multipart/form-data",
    "text/plain",
    "application/octet-stream",
    "application/xml",
    "application/merge-patch+json",
    "application/json-patch+json",
    "application/problem+json",
    "application/*",
    "*/*",
    "image/png",
];
const STATUSES: [&str; 14] = ["200", "201", "202", "204", "304", "400", "404", "409", "422", "500", "default", "4XX", "5XX", "2XX"];

impl Draw {
    pub(super) fn schemes(&mut self) -> Value {
        let mut schemes = json!({
            "key": {"type": "apiKey", "in": *self.one(&["header", "query", "cookie"]), "name": self.name()},
            "bearer": {"type": "http", "scheme": *self.one(&["bearer", "Bearer"]), "bearerFormat": "JWT"},
            "basic": {"type": "http", "scheme": "basic"},
            "digest": {"type": "http", "scheme": "digest"},
            "oidc": {"type": "openIdConnect", "openIdConnectUrl": "https://example.com/.well-known"},
            "oauth": {"type": "oauth2", "flows": {
                "implicit": {"authorizationUrl": "https://example.com/a", "scopes": {"read": "r"}},
                "password": {"tokenUrl": "https://example.com/t", "scopes": {}},
                "clientCredentials": {"tokenUrl": "/token", "scopes": {"write": "w"}},
                "authorizationCode": {"authorizationUrl": "https://example.com/a", "tokenUrl": "https://example.com/t", "scopes": {}}
            }},
        });
        if self.new {
            schemes["tls"] = json!({"type": "mutualTLS"});
        }
        schemes["alias"] = json!({"$ref": "#/components/securitySchemes/bearer"});
        schemes
    }

    pub(super) fn security(&mut self) -> Value {
        let names = ["key", "bearer", "basic", "digest", "oidc", "oauth", "alias"];
        let count = self.below(3);
        let mut alternatives = Vec::new();
        for _ in 0..count {
            let more = self.below(2) + 1;
            let schemes: Map<String, Value> = (0..more).map(|_| ((*self.one(&names)).to_owned(), json!([]))).collect();
            alternatives.push(if self.once_in(5) { json!({}) } else { schemes.into() });
        }
        alternatives.into()
    }

    pub(super) fn servers(&mut self) -> Value {
        let servers = [
            json!({"url": "/"}),
            json!({"url": "https://example.com/v1/"}),
            json!({"url": "https://{region}.example.com:{port}/{base}/x", "variables": {
                "region": {"default": "eu", "enum": ["eu", "us"]}, "port": {"default": "443"}, "base": {"default": "v2", "description": "d"}
            }}),
            json!({"url": "relative/path", "description": "d"}),
            json!({"url": "", "x-internal": true}),
        ];
        let count = self.below(3) + 1;
        (0..count).map(|_| self.one(&servers).clone()).collect()
    }

    /// `content` of a body or a response.
    pub(super) fn content(&mut self) -> Value {
        let count = self.below(3) + 1;
        let mut content = Map::new();
        for _ in 0..count {
            let name = *self.one(&MEDIA);
            content.insert(name.to_owned(), self.media(name));
        }
        content.into()
    }

    fn media(&mut self, name: &str) -> Value {
        let mut media = json!({});
        if !self.once_in(6) {
            media["schema"] = self.schema(3);
        }
        match self.below(6) {
            0 => media["example"] = json!({"id": "1"}),
            1 => media["examples"] = json!({"one": {"value": [1, {"a": null}]}, "two": {"$ref": "#/components/examples/Secret"}}),
            2 => media["examples"] = json!({"far": {"externalValue": "https://example.com/example.json", "summary": "s"}}),
            _ => {}
        }
        if name.starts_with("multipart") || name.contains("form") {
            media["encoding"] = json!({"file": {"contentType": "image/png, text/plain", "style": "form", "explode": true,
                "headers": {"X-Part": {"schema": {"type": "string"}}}}});
        }
        media
    }

    pub(super) fn body(&mut self) -> Value {
        let mut body = json!({"content": self.content()});
        self.maybe(&mut body, 2, "required", |draw| draw.once_in(2).into());
        self.maybe(&mut body, 3, "description", Self::words);
        body
    }

    pub(super) fn header(&mut self) -> Value {
        let mut header = if self.once_in(5) {
            json!({"content": {"application/json": {"schema": {"type": "object"}}}})
        } else {
            json!({"schema": self.schema(1)})
        };
        self.maybe(&mut header, 3, "required", |_| true.into());
        self.maybe(&mut header, 3, "description", Self::words);
        header
    }

    pub(super) fn response_or_reference(&mut self) -> Value {
        self.response()
    }

    pub(super) fn response(&mut self) -> Value {
        let mut response = json!({"description": self.words()});
        if !self.once_in(4) {
            response["content"] = self.content();
        }
        if self.once_in(3) {
            let shared = self.reference("headers");
            response["headers"] = json!({"X-One": self.header(), "ETag": shared});
        }
        self.maybe(&mut response, 4, "links", |draw| json!({"self": draw.reference("links"), "next": {"operationRef": "#/paths/~1x/get"}}));
        response
    }

    pub(super) fn responses(&mut self) -> Value {
        let count = self.below(4) + 1;
        let mut responses = Map::new();
        for _ in 0..count {
            let status = (*self.one(&STATUSES)).to_owned();
            let response = if self.once_in(4) { self.reference("responses") } else { self.response() };
            responses.insert(status, response);
        }
        responses.into()
    }
}
