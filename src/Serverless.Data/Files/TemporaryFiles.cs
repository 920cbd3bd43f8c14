using Serverless.Core;

namespace Serverless.Data.Files;

/// <summary>Writes files that appear as a whole or not at all: a temporary file in the same folder, then a rename.</summary>
internal static class TemporaryFiles
{
    public static void WriteText(string path, string text) => Write(path, file => file.Write(System.Text.Encoding.UTF8.GetBytes(text)));

    public static void Write(string path, Action<Stream> write)
    {
        // A pointer that is a link stays a link: its target is written.
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
            // An earlier error left it behind; that error is reported.
        }
    }
}
