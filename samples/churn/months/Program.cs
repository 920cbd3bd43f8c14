using Serverless;
using Serverless.Columns;
using Serverless.Samples.Churn;

// Creates the sample's later months from its real customers: dotnet run --project samples/churn/months
// All sampling uses StableRandom, so the files are the same, byte for byte, on every machine.
var folder = args.Length > 0 ? args[0] : Path.Combine("samples", "churn");
var all = new Customers(await ColumnReader.ReadAsync(Path.Combine(folder, "data", "telco-churn.csv")));
const int Rows = 3000;

// Other customers, and other reasons to leave: a champion trained on the first quarter does worse, one trained on this month does better.
await WriteAsync("month-2.csv", all.Draw(Rows, seed: 2, Customers.NewTariff, Customers.NewReasons));

// The customers of the first quarter again.
await WriteAsync("month-3.csv", all.Draw(Rows, seed: 3));

// Other customers again, with shuffled labels: there is nothing to learn.
await WriteAsync("month-4.csv", all.Draw(Rows, seed: 4, Customers.NewTariff).ShuffleLabels(seed: 40));

// A faulty join: customers with fiber optic got the opposite label. The month is consistent in itself, but not with reality.
await WriteAsync("month-5.csv", all.Draw(Rows, seed: 5, Customers.NewTariff, Customers.NewReasons).SwapLabels(Customers.HasFiber));

// The actual requests from month 2 on, with their actual outcomes.
await WriteAsync("traffic.csv", all.Draw(1500, seed: 6, Customers.NewTariff, Customers.NewReasons));

async Task WriteAsync(string name, Customers customers)
{
    await CsvColumnWriter.WriteAsync(customers.Frame, Path.Combine(folder, name));
    Console.WriteLine($"{name}: {customers.Frame.RowCount} rows, {customers.Leaving:P1} leave");
}
