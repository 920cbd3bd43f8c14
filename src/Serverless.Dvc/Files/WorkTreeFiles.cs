using Serverless.Core;

namespace Serverless.Dvc.Files;

/// <summary>Gives access to the files on the disk.</summary>
internal sealed class WorkTreeFiles : IProjectFiles
{
    public static WorkTreeFiles Instance { get; } = new();

    public bool FileExists(string path) => File.Exists(path);

    public bool FolderExists(string path) => Directory.Exists(path);

    public byte[] Read(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (DirectoryNotFoundException e)
        {
            throw new FileNotFoundException(e.Message, path, e);
        }
    }

    public IEnumerable<(string Name, bool IsFolder)> List(string folder) =>
        new DirectoryInfo(folder)
            .EnumerateFileSystemInfos()
            .Select(i => (i.Name, IsFolder: i is DirectoryInfo { LinkTarget: null }))
            .OrderBy(e => e.Name, CodePointOrder.Instance);
}
