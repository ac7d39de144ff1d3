"""What tests run against: servers, browsers and networks of their own."""
