//! What has become of access tokens since they were issued: revoked, or of other roles.
