"""Settlement reports: the stream that fetches each once, and the reader of both file versions (V2, V1)."""
