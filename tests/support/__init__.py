"""What tests share: documents, real files and what is known of them, servers, a browser."""
