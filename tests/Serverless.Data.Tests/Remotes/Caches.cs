using System.Security.Cryptography;
using System.Text;
using Serverless.Core;
using Serverless.Data.Cache;
using Serverless.Data.Files;
using Serverless.Data.Remotes;
using Serverless.Storage.Content;
using Serverless.Testing;

namespace Serverless.Data.Tests.Remotes;

/// <summary>Caches with content in them.</summary>
internal static class Caches
{
    public static LocalCache New(TestFolder folder) => new(folder.At("cache-" + Ids.NewId()[..8]));

    public static ObjectId Put(this LocalCache cache, string text) => cache.Put(Encoding.UTF8.GetBytes(text));

    public static ObjectId Put(this LocalCache cache, byte[] bytes)
    {
        var digest = Convert.ToHexStringLower(MD5.HashData(bytes));
        cache.Put(digest, to => to.Write(bytes));
        return ObjectId.Parse(digest);
    }

    /// <summary>A folder of so many small files.</summary>
    public static ObjectId PutFolder(this LocalCache cache, int files, string content = "content")
    {
        var listing = DirectoryListing.Of(
            Enumerable.Range(0, files).Select(i => new DirectoryFile($"part/{i:D5}.txt", cache.Put($"{content} {i}").Hash))
        );
        cache.Put(listing);
        return ObjectId.Parse(listing.Digest);
    }

    public static string Text(this LocalCache cache, ObjectId id)
    {
        using var reader = new StreamReader(cache.Open(id.Digest, id.Kind));
        return reader.ReadToEnd();
    }

    /// <summary>Makes an object be something else than its name says, as a bad disk does.</summary>
    public static void Corrupt(this LocalCache cache, ObjectId id)
    {
        var path = cache.PathOf(id.Digest);
        File.Delete(path);
        File.WriteAllText(path, "not it");
        File.SetAttributes(path, FileAttributes.ReadOnly);
    }

    public static async Task<List<string>> NamesAsync(this IRemote remote)
    {
        var names = new List<string>();
        await foreach (var item in remote.ListAsync("files/md5/"))
        {
            names.Add(item.Name);
        }

        return names;
    }

    public static async Task PutTextAsync(this IRemote remote, string name, string text)
    {
        using var body = new MemoryStream(Encoding.UTF8.GetBytes(text));
        await remote.PutAsync(name, body, body.Length, MD5.HashData(body.ToArray()));
    }
}
