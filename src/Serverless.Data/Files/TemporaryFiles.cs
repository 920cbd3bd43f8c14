using Serverless.Core;

namespace Serverless.Data.Files;

/// <summary>Files that appear whole or not at all: written beside their place, then renamed.</summary>
internal static class TemporaryFiles
{
    public static void WriteText(string path, string text) => Write(path, file => file.Write(System.Text.Encoding.UTF8.GetBytes(text)));

    public static void Write(string path, Action<Stream> write)
    {
        // A pointer that is a link stays one: what it leads to is written.
        path = File.Exists(path) ? File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path : path;
        var temporary = Beside(path);
        try
        {
            using (var file = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write))
            {
                write(file);
            }

            if (File.Exists(path) && !OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(temporary, File.GetUnixFileMode(path));
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            TryDelete(temporary);
            throw;
        }
    }

    public static string Beside(string path) => Path.Combine(Path.GetDirectoryName(path)!, "." + Ids.NewId() + ".tmp");

    public static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It is what an earlier error left; that one is told.
        }
    }
}
