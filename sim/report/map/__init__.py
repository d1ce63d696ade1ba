"""Journey maps: what stands on them (`sheet`, `lanes`), who draws them (`slide`, `page`), and one file a kind of map."""
