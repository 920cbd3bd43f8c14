using System.Text;
using System.Text.Json.Nodes;
using Serverless.Data.Files;
using Serverless.Data.Ignore;
using Serverless.Data.Yaml;
using Serverless.Storage.Content;

namespace Serverless.Data.Tests.Operations;

/// <summary>What DVC itself answered.</summary>
public sealed class GoldenTests
{
    private static readonly string Golden = Path.Combine(AppContext.BaseDirectory, "golden", "dvc");

    public static TheoryData<string> Ignored => Rows("dvcignore.json");

    public static TheoryData<string> Files => Rows("file_hashes.json");

    public static TheoryData<string> Folders => Rows("dir_objects.json");

    public static TheoryData<string> Locks => [.. Directory.GetFiles(Path.Combine(Golden, "locks")).Select(p => Path.GetFileName(p))];

    public static TheoryData<string> Scalars =>
        [.. Array("yaml_scalars.json").Where(r => r!["dump"] is not null).Select(r => r!.ToJsonString())];

    [Theory]
    [MemberData(nameof(Ignored))]
    public void Dvcignore(string row)
    {
        var expected = JsonNode.Parse(row)!;
        using var folder = new Folder();
        File.WriteAllText(folder.At(".dvcignore"), expected["patterns"]!.GetValue<string>() + "\n");

        var ignored = new IgnoreRules(folder.Root).IsIgnored(
            folder.At(expected["path"]!.GetValue<string>()),
            expected["is_dir"]!.GetValue<bool>()
        );

        Assert.Equal(expected["ignored"]!.GetValue<bool>(), ignored);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Digests_of_files(string row)
    {
        var expected = JsonNode.Parse(row)!;
        var bytes = expected["b64"] is { } base64
            ? Convert.FromBase64String(base64.GetValue<string>())
            : [.. Enumerable.Repeat((byte)'A', 1 << 20), .. "\r\n\0\r\n"u8];

        Assert.Equal(expected["len"]!.GetValue<int>(), bytes.Length);
        Assert.Equal(expected["md5"]!.GetValue<string>(), FileHash.Of(new MemoryStream(bytes)).ToString());
        Assert.Equal(expected["md5_dos2unix"]!.GetValue<string>(), FileHash.Of(new MemoryStream(bytes), HashKind.Md5Dos2Unix).ToString());
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public void Listings_of_folders(string row)
    {
        var expected = JsonNode.Parse(row)!;
        var listing = DirectoryListing.Of(
            expected["entries"]!
                .AsArray()
                .Select(e => new DirectoryFile(e![0]!.GetValue<string>(), Md5Digest.Parse(e[1]!.GetValue<string>())))
        );
        var bytes = new MemoryStream();

        listing.WriteTo(bytes);

        Assert.Equal(expected["bytes"]!.GetValue<string>(), Encoding.ASCII.GetString(bytes.ToArray()));
        Assert.Equal(expected["oid"]!.GetValue<string>(), listing.Digest);
        bytes.Position = 0;
        Assert.Equal(listing.Files, DirectoryListing.Read(bytes, listing.Digest).Files);
    }

    [Theory]
    [MemberData(nameof(Locks))]
    public void Lock_files_are_written_byte_for_byte(string name)
    {
        var text = File.ReadAllText(Path.Combine(Golden, "locks", name));

        Assert.Equal(text, YamlWriter.Write(YamlReader.Parse(text, name)));
    }

    [Theory]
    [MemberData(nameof(Scalars))]
    public void Scalars_are_written_as_DVC_writes_them(string row)
    {
        var expected = JsonNode.Parse(row)!;

        Assert.Equal(
            expected["dump"]!.GetValue<string>(),
            YamlWriter.Write(YamlReader.Parse(expected["yaml"]!.GetValue<string>(), "f.yaml"))
        );
    }

    private static JsonArray Array(string name) => JsonNode.Parse(File.ReadAllText(Path.Combine(Golden, name)))!.AsArray();

    private static TheoryData<string> Rows(string name) => [.. Array(name).Select(r => r!.ToJsonString())];
}
