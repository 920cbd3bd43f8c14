using Serverless.Core;
using Serverless.Data.Files;
using Serverless.Data.Params;
using Serverless.Data.Values;
using Serverless.Data.Yaml;

namespace Serverless.Data.Locks;

/// <summary>
/// Remembers the outputs of commands by their inputs: `runs/kk/key/value` in the cache folder. Each file is the lock of a stage; the
/// outputs themselves are in the cache.
/// </summary>
public sealed class RunCache(string cacheFolder)
{
    public const string FolderName = "runs";

    /// <summary>Gets the folder of the run cache, which may not exist.</summary>
    public string Folder { get; } = Path.Combine(cacheFolder, FolderName);

    /// <summary>Lists every recorded run by its path below the cache folder: `runs/kk/key/value`.</summary>
    public IEnumerable<string> Files() =>
        !Directory.Exists(Folder)
            ? []
            : Directory
                .EnumerateFiles(Folder, "*", SearchOption.AllDirectories)
                .Select(f => Path.GetRelativePath(cacheFolder, f).Replace('\\', '/'))
                .Where(f => f.Split('/') is [_, { Length: 2 }, { Length: 64 }, { Length: 64 }]);

    /// <summary>Returns the newest run with this key, or null.</summary>
    public StageLock? Newest(string key)
    {
        var folder = FolderOf(key);
        if (!Directory.Exists(folder))
        {
            return null;
        }

        var newest = new DirectoryInfo(folder).EnumerateFiles().Where(f => f.Name.Length == 64).MaxBy(f => f.LastWriteTimeUtc);
        return newest is null ? null : Read(newest.FullName);
    }

    /// <summary>Returns a run, or null if it is not recorded.</summary>
    public StageLock? Find(string key, string value)
    {
        var path = Path.Combine(FolderOf(key), value);
        return File.Exists(path) ? Read(path) : null;
    }

    /// <summary>Records a run, unless it is already recorded.</summary>
    public void Save(StageLock run)
    {
        var (key, value) = (RunCacheKey.Key(run), RunCacheKey.Value(run));
        if (Find(key, value) is null)
        {
            Directory.CreateDirectory(FolderOf(key));
            TemporaryFiles.WriteText(Path.Combine(FolderOf(key), value), YamlWriter.Write(run.ToData()));
        }
    }

    // An unreadable file is not a record: the stage runs and writes a valid one.
    private static StageLock? Read(string path)
    {
        try
        {
            if (
                YamlReader.Parse(TextFile.Read(path, path), path) is DataMap { Entries.Count: > 0 } map
                && map.Contains("cmd")
                && map["outs"] is DataList
            )
            {
                return StageLock.From(map);
            }
        }
        catch (ServerlessException)
        {
            // A partial file from a machine that lost power.
        }

        TemporaryFiles.TryDelete(path);
        return null;
    }

    private string FolderOf(string key) => Path.Combine(Folder, key[..2], key);
}
