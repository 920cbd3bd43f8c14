using System.Text;
using Serverless.Core;
using Serverless.Data.Files;
using Serverless.Data.Outputs;
using Serverless.Storage.Content;

namespace Serverless.Data.Tests.Operations;

public sealed class ContentTests
{
    [Fact]
    public void A_folder_is_saved_and_restored()
    {
        using var folder = new Folder();
        folder.Write("d/a", "1");
        folder.Write("d/sub/b", "2");
        folder.Write("d/.dvcignore", "*.tmp\n");
        folder.Write("d/x.tmp", "no");
        using var repository = folder.Open();

        var saved = new ContentReader(repository).Save(folder.At("d"))!;

        Assert.Equal([".dvcignore", "a", "sub/b"], saved.Listing!.Files.Select(f => f.Path));
        Assert.Equal(3, saved.Reference.FileCount);
        Assert.True(repository.Cache.Contains(saved.Reference.Digest));
        Directory.Delete(folder.At("d"), recursive: true);
        new Checkout(repository).Restore(saved.Reference, HashKind.Md5, folder.At("d"));
        Assert.Equal("2", File.ReadAllText(folder.At("d/sub/b")));
        Assert.False(File.GetAttributes(folder.At("d/a")).HasFlag(FileAttributes.ReadOnly));
    }

    [Fact]
    public void A_folder_is_walked_in_the_order_of_its_listing()
    {
        using var folder = new Folder();
        // What sorts before and after `/`, and what UTF-16 sorts otherwise than code points.
        foreach (
            var path in (string[])
                ["a/x", "a-/x", "a-b", "a.b", "a0", "a/-", "a/b/c", "a/b-", "A", "é/1", "\ufb00", "\U0001f600", "\U0001f600x/y", "~"]
        )
        {
            folder.Write("d/" + path, path);
        }

        using var repository = folder.Open();
        var paths = FolderScan.Files(folder.At("d"), repository.Ignore).Select(f => f.Path).ToList();

        Assert.Equal(14, paths.Count);
        Assert.Equal(paths.Order(CodePointOrder.Instance), paths);
        var read = new ContentReader(repository).Read(folder.At("d"))!;
        Assert.Equal(DirectoryListing.Of(read.Listing!.Files.Reverse()).Digest, read.Reference.Digest);
    }

    [Fact]
    public void Checkout_touches_only_what_differs_and_loses_nothing()
    {
        using var folder = new Folder();
        folder.Write("d/same", "1");
        folder.Write("d/other", "2");
        folder.Write("d/gone", "3");
        using var repository = folder.Open();
        var saved = new ContentReader(repository).Save(folder.At("d"))!.Reference;
        var inode = FileStat.Of(folder.At("d/same"))!.Value.Inode;
        folder.Write("d/other", "changed");
        File.Delete(folder.At("d/gone"));
        folder.Write("d/new/er", "5");

        var refused = Assert.Throws<ServerlessException>(() => new Checkout(repository).Restore(saved, HashKind.Md5, folder.At("d")));
        Assert.Contains("unable to remove", refused.Message);
        Assert.Equal("changed", File.ReadAllText(folder.At("d/other")));

        var result = new Checkout(repository).Restore(saved, HashKind.Md5, folder.At("d"), force: true);
        Assert.Equal(["gone", "other", "new/er"], [.. result.Added, .. result.Modified, .. result.Deleted]);
        Assert.Equal(inode, FileStat.Of(folder.At("d/same"))!.Value.Inode);
        Assert.False(Directory.Exists(folder.At("d/new")));
    }

    [Theory]
    [InlineData("hardlink")]
    [InlineData("symlink")]
    [InlineData("reflink,copy")]
    public void Every_kind_of_link_shows_the_content(string type)
    {
        using var folder = new Folder();
        folder.Write(".dvc/config", $"[cache]\n    type = \"{type}\"\n");
        folder.Write("f", "content");
        using var repository = folder.Open();
        var saved = new ContentReader(repository).Save(folder.At("f"))!.Reference;
        File.Delete(folder.At("f"));

        new Checkout(repository).Restore(saved, HashKind.Md5, folder.At("f"));

        Assert.Equal("content", File.ReadAllText(folder.At("f")));
        Assert.Equal(type == "symlink", FileStat.Of(folder.At("f"), follow: false)!.Value.IsLink);
        Assert.Equal(
            type == "hardlink",
            FileStat.Of(folder.At("f"), follow: false)!.Value.Inode == FileStat.Of(repository.Cache.PathOf(saved.Digest))!.Value.Inode
        );
    }

    [Fact]
    public void A_writable_object_with_other_bytes_is_not_believed()
    {
        using var folder = new Folder();
        folder.Write("f", "content");
        using var repository = folder.Open();
        var digest = new ContentReader(repository).Save(folder.At("f"))!.Reference.Digest;
        var path = repository.Cache.PathOf(digest);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead, File.GetUnixFileMode(path));

        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Assert.True(repository.Cache.Contains(digest));
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.WriteAllText(path, "damaged");
        Assert.False(repository.Cache.Contains(digest));
    }

    [Fact]
    public void The_state_knows_a_file_until_it_is_written()
    {
        using var folder = new Folder();
        var file = folder.Write("f", "1");
        var old = DateTime.UnixEpoch.AddYears(50);
        File.SetLastWriteTimeUtc(file, old);
        var state = new StateCache(folder.At("state"), new Later());
        var stat = FileStat.Of(file)!.Value;
        state.Record(stat, new Md5Digest(1, 2), state.Now);
        state.Save();

        var again = new StateCache(folder.At("state"), new Later());
        Assert.Equal(new Md5Digest(1, 2), again.Find(stat));
        Assert.Null(again.Find(stat, HashKind.Md5Dos2Unix));
        File.WriteAllText(file, "2");
        File.SetLastWriteTimeUtc(file, old);
        Assert.Null(again.Find(FileStat.Of(file)!.Value));
    }

    [Fact]
    public void A_file_hashed_in_the_tick_it_was_written_in_is_hashed_again()
    {
        using var folder = new Folder();
        var stat = FileStat.Of(folder.Write("f", "1"))!.Value;
        var state = new StateCache(folder.At("state"));
        state.Record(stat, new Md5Digest(1, 2), stat.ChangedNs + 1);

        Assert.Null(state.Find(stat));
        state.RecordWritten(stat, new Md5Digest(3, 4));
        Assert.Equal(new Md5Digest(3, 4), state.Find(stat));
    }

    [Fact]
    public void A_damaged_state_is_no_state()
    {
        using var folder = new Folder();
        var file = folder.Write("f", "1");
        var state = new StateCache(folder.At("state"), new Later());
        state.Record(FileStat.Of(file)!.Value, new Md5Digest(1, 2), state.Now);
        state.Save();
        var bytes = File.ReadAllBytes(folder.At("state"));
        bytes[^1] ^= 1;
        File.WriteAllBytes(folder.At("state"), bytes);

        Assert.Null(new StateCache(folder.At("state"), new Later()).Find(FileStat.Of(file)!.Value));
        File.WriteAllBytes(folder.At("state"), bytes[..40]);
        Assert.Null(new StateCache(folder.At("state"), new Later()).Find(FileStat.Of(file)!.Value));
    }

    [Fact]
    public void Ten_thousand_records_are_found_again()
    {
        using var folder = new Folder();
        var state = new StateCache(folder.At("state"), new Later());
        for (var i = 0ul; i < 10_000; i++)
        {
            state.Record(new FileStat(1, i, (long)i, 5, 5, 0x8000), new Md5Digest(i, i), state.Now);
        }

        state.Save();
        var again = new StateCache(folder.At("state"), new Later());
        for (var i = 0ul; i < 10_000; i++)
        {
            Assert.Equal(new Md5Digest(i, i), again.Find(new FileStat(1, i, (long)i, 5, 5, 0x8000)));
        }
    }

    [Theory]
    [InlineData("[{\"md5\": \"c4ca4238a0b923820dcc509a6f75849b\", \"relpath\": \"../out\"}]")]
    [InlineData("[{\"md5\": \"c4ca4238a0b923820dcc509a6f75849b\", \"relpath\": \"/etc/x\"}]")]
    [InlineData("[{\"md5\": \"c4ca4238a0b923820dcc509a6f75849b\", \"relpath\": \"a//b\"}]")]
    [InlineData("[{\"md5\": \"zz\", \"relpath\": \"a\"}]")]
    [InlineData("[{\"md5\": \"c4ca4238a0b923820dcc509a6f75849b\"}]")]
    [InlineData("{\"a\": 1}")]
    [InlineData("[{\"md5\"")]
    [InlineData(
        "[{\"md5\": \"c4ca4238a0b923820dcc509a6f75849b\", \"relpath\": \"a\"}, {\"md5\": \"c4ca4238a0b923820dcc509a6f75849b\", "
            + "\"relpath\": \"a\"}]"
    )]
    public void A_listing_that_is_none_is_refused(string json) =>
        Assert.Throws<ServerlessException>(() => DirectoryListing.Read(new MemoryStream(Encoding.UTF8.GetBytes(json)), "x.dir"));

    /// <summary>A clock that runs ahead, so that files just written count as settled.</summary>
    private sealed class Later : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow().AddMinutes(1);
    }
}
