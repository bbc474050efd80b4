-- Whatever comes out of a Redis stream has this writer: its positions stay in shard_cursor like those of the inbox.
insert into inbox_writer (id) values (-1);
