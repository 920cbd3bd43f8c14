using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Serverless.Core;
using Serverless.Storage.Content;
using Serverless.Testing;

namespace Serverless.Storage.Tests;

/// <summary>Bytes and digests that DVC itself made.</summary>
public sealed class DvcUnitTests(AzuriteFixture azurite)
{
    private static readonly string Golden = Path.Combine(AppContext.BaseDirectory, "golden", "dvc");

    public static TheoryData<int> Folders => [.. Enumerable.Range(0, Read("dir_objects.json").GetArrayLength())];

    public static TheoryData<int> Files => [.. Enumerable.Range(0, Read("file_hashes.json").GetArrayLength())];

    [Theory]
    [MemberData(nameof(Folders))]
    public void A_folder_is_written_byte_for_byte(int index)
    {
        var expected = Read("dir_objects.json")[index];
        var entries = expected
            .GetProperty("entries")
            .EnumerateArray()
            .Select(e => new DirectoryEntry(e[0].GetString()!, e[1].GetString()!))
            .ToList();

        var bytes = DirectoryObject.Serialize(entries);

        Assert.Equal(expected.GetProperty("bytes").GetString(), Encoding.UTF8.GetString(bytes));
        Assert.Equal(expected.GetProperty("oid").GetString(), Convert.ToHexStringLower(MD5.HashData(bytes)) + ContentRef.DirectorySuffix);
        Assert.Equal(entries.OrderBy(e => e.RelativePath, CodePointOrder.Instance), DirectoryObject.Parse(bytes));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public async Task A_file_has_the_digest_that_DVC_gives_it(int index)
    {
        var expected = Read("file_hashes.json")[index];
        var store = await azurite.OpenStoreAsync();
        var bytes = BytesOf(expected);

        var stored = await store.Content.PutBytesAsync(bytes);

        Assert.Equal(new ContentRef(expected.GetProperty("md5").GetString()!, expected.GetProperty("len").GetInt64()), stored);
        Assert.Equal(bytes, await store.Content.ReadAsync(stored.Digest));
    }

    /// <summary>The one file that is too large to be written down is a recipe: a mebibyte of 'A', then line ends around a NUL.</summary>
    private static byte[] BytesOf(JsonElement expected) =>
        expected.GetProperty("b64").GetString() is { } text
            ? Convert.FromBase64String(text)
            : [.. Enumerable.Repeat((byte)'A', 1 << 20), .. "\r\n\0\r\n"u8];

    private static JsonElement Read(string file) => JsonSerializer.Deserialize<JsonElement>(File.ReadAllBytes(Path.Combine(Golden, file)));
}
